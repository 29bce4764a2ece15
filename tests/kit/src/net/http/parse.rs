use httparse::Status;

use super::Response;

/// Takes one answer off the front of what was received, if it is all there.
/// `ended` says that nothing more will come.
pub(super) fn take(received: &mut Vec<u8>, ended: bool) -> Result<Option<Response>, String> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Response::new(&mut headers);
    let head = match parsed.parse(received) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Ok(None),
        Err(error) => {
            return Err(format!(
                "not an answer ({error}): {}",
                received.escape_ascii()
            ));
        }
    };
    let headers = parsed.headers.iter().map(|header| {
        let value = String::from_utf8_lossy(header.value).into_owned();
        (header.name.to_ascii_lowercase(), value)
    });
    let mut response = Response {
        http2: false,
        status: parsed.code.unwrap_or_default(),
        headers: headers.collect(),
        body: Vec::new(),
    };
    let Some((body, length)) = body(&response, &received[head..], ended)? else {
        return Ok(None);
    };
    response.body = body;
    received.drain(..head + length);
    Ok(Some(response))
}

/// The body, and how many bytes it took, if it is all there.
fn body(head: &Response, rest: &[u8], ended: bool) -> Result<Option<(Vec<u8>, usize)>, String> {
    let lengths: Vec<&str> = head.all("content-length").collect();
    let codings: Vec<&str> = head.all("transfer-encoding").collect();
    match (head.status, &*lengths, &*codings) {
        (100..=199 | 204 | 304, ..) => Ok(Some((Vec::new(), 0))),
        (_, [length], []) => match length.parse() {
            Ok(length) => Ok(rest.get(..length).map(|body| (body.to_vec(), length))),
            Err(_) => Err(format!("the answer's Content-Length is {length:?}")),
        },
        (_, [], ["chunked"]) => chunks(rest),
        (_, [], []) => Ok(ended.then(|| (rest.to_vec(), rest.len()))),
        _ => Err(format!(
            "the answer has {lengths:?} as Content-Length and {codings:?} as Transfer-Encoding"
        )),
    }
}

fn chunks(bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, String> {
    let mut body = Vec::new();
    let mut at = 0;
    loop {
        let (line, size) = match httparse::parse_chunk_size(&bytes[at..]) {
            Ok(Status::Complete(found)) => found,
            Ok(Status::Partial) => return Ok(None),
            Err(_) => return Err("the answer has a malformed chunk".to_owned()),
        };
        let size = usize::try_from(size).map_err(|_| "the answer has an endless chunk")?;
        at += line;
        let Some(chunk) = bytes.get(at..at.saturating_add(size)) else {
            return Ok(None);
        };
        body.extend_from_slice(chunk);
        at += size;
        match bytes.get(at..at + 2) {
            None => return Ok(None),
            Some(b"\r\n") => at += 2,
            // Trailers: the receivers send none.
            Some(_) => return Err("the answer has a chunk without its end".to_owned()),
        }
        if size == 0 {
            return Ok(Some((body, at)));
        }
    }
}
