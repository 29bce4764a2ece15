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

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, ended: bool) -> Result<(Vec<Response>, Vec<u8>), String> {
        let mut received = text.as_bytes().to_vec();
        let mut answers = Vec::new();
        while let Some(answer) = take(&mut received, ended)? {
            answers.push(answer);
        }
        Ok((answers, received))
    }

    #[test]
    fn a_body_with_a_length() {
        let text = "HTTP/1.1 401 Unauthorized\r\nContent-Type: a/b\r\nCONTENT-LENGTH: 3\r\n\r\nabc";
        let (answers, rest) = all(text, false).unwrap();
        assert_eq!(answers.len(), 1);
        assert_eq!(answers[0].status, 401);
        assert_eq!(answers[0].header("content-type"), Some("a/b"));
        assert_eq!(answers[0].body, b"abc");
        assert_eq!(rest, b"");
    }

    #[test]
    fn a_body_in_chunks() {
        let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                    3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\nrest";
        let mut received = text.as_bytes().to_vec();
        let answer = take(&mut received, false).unwrap().unwrap();
        assert_eq!(answer.body, b"abc0123456789");
        assert_eq!(received, b"rest");
    }

    #[test]
    fn a_body_that_ends_with_the_connection() {
        let text = "HTTP/1.1 200 OK\r\n\r\nabc";
        assert_eq!(all(text, false).unwrap().0.len(), 0);
        let mut received = text.as_bytes().to_vec();
        assert_eq!(take(&mut received, true).unwrap().unwrap().body, b"abc");
    }

    #[test]
    fn an_interim_answer_and_pipelined_ones() {
        let text = "HTTP/1.1 100 Continue\r\n\r\n\
                    HTTP/1.1 204 No Content\r\n\r\n\
                    HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx\
                    HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\ny";
        let (answers, rest) = all(text, false).unwrap();
        let seen: Vec<_> = answers
            .iter()
            .map(|answer| (answer.status, answer.text()))
            .collect();
        let expected = [(100, ""), (204, ""), (200, "x")];
        assert_eq!(
            seen,
            expected.map(|(status, body)| (status, body.to_owned()))
        );
        assert!(rest.ends_with(b"\r\n\r\ny"));
    }

    #[test]
    fn nothing_is_taken_before_it_is_all_there() {
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        ] {
            for end in 0..text.len() {
                let mut received = text.as_bytes()[..end].to_vec();
                assert_eq!(take(&mut received, false), Ok(None), "{end} of {text:?}");
                assert_eq!(received.len(), end);
            }
            assert_eq!(all(text, false).unwrap().0.len(), 1);
        }
    }

    #[test]
    fn what_is_not_an_answer() {
        for text in [
            "HTTP/2 200 OK\r\n\r\n",
            "200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx",
        ] {
            let mut received = text.as_bytes().to_vec();
            let answer = take(&mut received, false);
            assert!(
                answer.is_err() || answer == Ok(None),
                "{text:?}: {answer:?}"
            );
        }
    }

    #[test]
    fn the_closing_option_among_others() {
        let says = |value: &str| Response {
            status: 200,
            headers: vec![("connection".to_owned(), value.to_owned())],
            body: Vec::new(),
        };
        assert!(says("close").closes());
        assert!(says("x, Close").closes());
        assert!(!says("keep-alive").closes());
    }
}
