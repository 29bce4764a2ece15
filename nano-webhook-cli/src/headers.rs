//! Headers of a request in a file: raw lines, or JSON as `listen --save` writes
//! them.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::exit::Failure;

/// Names and values, in their order.
pub(crate) type HeaderList = Vec<(String, Vec<u8>)>;

/// What `listen --save` writes beside a body.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SavedHead {
    /// When it arrived, in milliseconds since the Unix epoch.
    pub(crate) received_at_ms: u64,
    pub(crate) method: String,
    pub(crate) path: String,
    /// Values are Latin-1, one character for each byte, so nothing is lost.
    pub(crate) headers: Vec<(String, String)>,
    /// Whether it was accepted.
    pub(crate) accepted: bool,
    /// The code of the refusal.
    pub(crate) code: Option<String>,
}

/// Reads raw header lines (also with a request line before them, or with the
/// `> ` that `curl -v` writes), what `listen --save` wrote, or a JSON object of
/// names and values.
pub(crate) fn parse(content: &[u8]) -> Result<HeaderList, Failure> {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    if content.trim_ascii_start().starts_with(b"{") {
        parse_json(content)
    } else {
        parse_lines(content)
    }
}

fn parse_json(content: &[u8]) -> Result<HeaderList, Failure> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Document {
        Saved { headers: Vec<(String, String)> },
        Object(Map<String, Value>),
    }
    let invalid = |problem: &str| Failure::usage(format!("--headers: {problem}"));
    match serde_json::from_slice(content) {
        Ok(Document::Saved { headers }) => headers
            .into_iter()
            .map(|(name, value)| {
                let value = latin1_bytes(&value)
                    .ok_or_else(|| invalid(&format!("the value of {name} is not Latin-1")))?;
                Ok((name, value))
            })
            .collect(),
        Ok(Document::Object(object)) => object
            .into_iter()
            .flat_map(|(name, value)| match value {
                // A header that is there several times.
                Value::Array(values) => values.into_iter().map(|one| (name.clone(), one)).collect(),
                one => vec![(name, one)],
            })
            .map(|(name, value)| match value {
                Value::String(text) => Ok((name, text.into_bytes())),
                Value::Number(number) => Ok((name, number.to_string().into_bytes())),
                _ => Err(invalid(&format!("the value of {name} is not a text"))),
            })
            .collect(),
        Err(_) => Err(invalid(
            "the file is neither lines of headers nor JSON that listen --save wrote",
        )),
    }
}

fn parse_lines(content: &[u8]) -> Result<HeaderList, Failure> {
    let mut headers = HeaderList::new();
    for (position, line) in content.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_prefix(b"> ").unwrap_or(line).trim_ascii();
        if line.is_empty() || (position == 0 && is_request_line(line)) {
            continue;
        }
        let colon = line.iter().position(|byte| *byte == b':').ok_or_else(|| {
            Failure::usage(format!(
                "--headers: line {} is not of the form Name: value",
                position.saturating_add(1)
            ))
        })?;
        let (name, value) = line.split_at(colon);
        let value = value.strip_prefix(b":").unwrap_or(value).trim_ascii();
        let name = String::from_utf8_lossy(name.trim_ascii()).into_owned();
        headers.push((name, value.to_vec()));
    }
    Ok(headers)
}

fn is_request_line(line: &[u8]) -> bool {
    line.split(|byte| *byte == b' ').count() == 3
        && line
            .rsplit(|byte| *byte == b' ')
            .next()
            .is_some_and(|version| version.starts_with(b"HTTP/"))
}

/// One character for each byte.
pub(crate) fn latin1_text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// The reverse of [`latin1_text`].
pub(crate) fn latin1_bytes(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .map(|character| u8::try_from(u32::from(character)).ok())
        .collect()
}

/// Headers that belong to one connection, or that the HTTP client writes itself
/// (RFC 9110, section 7.6.1): they are not passed on.
pub(crate) fn is_of_connection(name: &str) -> bool {
    [
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ]
    .iter()
    .any(|own| name.eq_ignore_ascii_case(own))
}

/// For a request, without what [`is_of_connection`], and without what its
/// `Connection` names (RFC 9110, 7.6.1).
pub(crate) fn to_map(list: &HeaderList) -> Result<HeaderMap, Failure> {
    let named: Vec<&[u8]> = (list.iter())
        .filter(|(name, _)| name.eq_ignore_ascii_case("connection"))
        .flat_map(|(_, value)| value.split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .collect();
    let mut map = HeaderMap::with_capacity(list.len());
    for (name, value) in list {
        // HTTP/2's :authority and the like are not headers.
        if is_of_connection(name)
            || name.starts_with(':')
            || named
                .iter()
                .any(|own| name.as_bytes().eq_ignore_ascii_case(own))
        {
            continue;
        }
        let invalid = || Failure::usage(format!("--headers: {name:?} cannot be sent as a header"));
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
        let value = HeaderValue::from_bytes(value).map_err(|_| invalid())?;
        map.append(name, value);
    }
    Ok(map)
}

#[cfg(test)]
mod tests {
    use super::{latin1_bytes, latin1_text, parse, to_map};

    #[test]
    fn files() {
        let expected = vec![
            ("X-Nano-Timestamp".to_owned(), b"1734948000".to_vec()),
            ("X-Nano-Signature".to_owned(), b"v1=00".to_vec()),
        ];
        for content in [
            "X-Nano-Timestamp: 1734948000\nX-Nano-Signature: v1=00\n",
            "\u{feff}X-Nano-Timestamp:1734948000\r\nX-Nano-Signature:\tv1=00 \r\n\r\n",
            "POST /webhook HTTP/1.1\r\nX-Nano-Timestamp: 1734948000\r\nX-Nano-Signature: v1=00",
            "> POST /webhook HTTP/1.1\n> X-Nano-Timestamp: 1734948000\n> X-Nano-Signature: v1=00\n> \n",
            r#"{"received_at_ms":1,"headers":[["X-Nano-Timestamp","1734948000"],["X-Nano-Signature","v1=00"]]}"#,
        ] {
            assert_eq!(parse(content.as_bytes()).unwrap(), expected, "{content}");
        }
        // An object has its members in no order that means anything.
        let mut object =
            parse(br#" {"X-Nano-Timestamp":1734948000,"X-Nano-Signature":["v1=00"]}"#).unwrap();
        object.sort();
        let mut sorted = expected;
        sorted.sort();
        assert_eq!(object, sorted);
    }

    #[test]
    fn no_files() {
        for content in [
            "no header",
            "{",
            r#"{"a":{}}"#,
            r#"{"headers":[["a","€"]]}"#,
        ] {
            assert!(parse(content.as_bytes()).is_err(), "{content}");
        }
    }

    #[test]
    fn every_byte_survives() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(latin1_bytes(&latin1_text(&bytes)).unwrap(), bytes);
    }

    #[test]
    fn what_belongs_to_a_connection_stays() {
        let list = parse(
            b"Host: a\nX-A: 1\nX-A: 2\nX-Hop: 1\nConnection: close, x-hop\nContent-Length: 3",
        )
        .unwrap();
        let map = to_map(&list).unwrap();
        assert_eq!(map.len(), 2);
        assert_eq!(map.get_all("x-a").iter().count(), 2);
        assert!(to_map(&vec![("a b".to_owned(), vec![])]).is_err());
    }
}
