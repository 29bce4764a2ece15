use httparse::Status;

use super::Response;

const MAX_HEADERS: usize = 64;

/// How an answer's body ends.
enum Framing {
    None,
    Length(usize),
    Chunked,
    UntilClosed,
}

/// Takes one answer off the front of what was received, if it is all there.
/// `ended` says that nothing more will come.
pub(super) fn take(received: &mut Vec<u8>, ended: bool) -> Result<Option<Response>, String> {
    let Some((mut response, head)) = parse_head(received)? else {
        return Ok(None);
    };
    let rest = &received[head..];
    let body = match framing(&response)? {
        Framing::None => Some((Vec::new(), 0)),
        Framing::Length(length) => rest.get(..length).map(|body| (body.to_vec(), length)),
        Framing::Chunked => parse_chunks(rest)?,
        Framing::UntilClosed => ended.then(|| (rest.to_vec(), rest.len())),
    };
    let Some((body, length)) = body else {
        return Ok(None);
    };
    response.body = body;
    received.drain(..head + length);
    Ok(Some(response))
}

fn parse_head(received: &[u8]) -> Result<Option<(Response, usize)>, String> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut parsed = httparse::Response::new(&mut headers);
    let length = match parsed.parse(received) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Ok(None),
        Err(error) => {
            let start = &received[..received.len().min(80)];
            return Err(format!(
                "not an answer ({error}): {:?}",
                String::from_utf8_lossy(start)
            ));
        }
    };
    let headers = parsed
        .headers
        .iter()
        .map(|header| {
            let value = String::from_utf8_lossy(header.value).into_owned();
            (header.name.to_ascii_lowercase(), value)
        })
        .collect();
    let response = Response {
        status: parsed.code.unwrap_or_default(),
        headers,
        body: Vec::new(),
    };
    Ok(Some((response, length)))
}

fn framing(response: &Response) -> Result<Framing, String> {
    if matches!(response.status, 100..=199 | 204 | 304) {
        return Ok(Framing::None);
    }
    let lengths: Vec<&str> = response.all("content-length").collect();
    let codings: Vec<&str> = response.all("transfer-encoding").collect();
    match (&*lengths, &*codings) {
        ([length], []) => match length.parse() {
            Ok(length) => Ok(Framing::Length(length)),
            Err(_) => Err(format!("the answer's Content-Length is {length:?}")),
        },
        ([], ["chunked"]) => Ok(Framing::Chunked),
        ([], []) => Ok(Framing::UntilClosed),
        _ => Err(format!(
            "the answer has {lengths:?} as Content-Length and {codings:?} as Transfer-Encoding"
        )),
    }
}

/// The body, and how many bytes it took.
fn parse_chunks(bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, String> {
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
            // Trailers: none of ours has any.
            Some(_) => return Err("the answer has a chunk without its end".to_owned()),
        }
        if size == 0 {
            return Ok(Some((body, at)));
        }
    }
}
