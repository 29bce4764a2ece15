//! Headers of a request: in a file, and as they are sent.

mod parse;

use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use nano_webhook_core::adapter::HeaderField;
use nano_webhook_core::{Signer, UnixTime};

pub(crate) use self::parse::parse;
use crate::exit::Failure;

/// Names and values, in their order.
pub(crate) type HeaderList = Vec<(String, Vec<u8>)>;

/// What a file with headers says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FromFile {
    pub(crate) headers: HeaderList,
    /// When the request arrived, if `listen --save` wrote the file.
    pub(crate) received_at: Option<UnixTime>,
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

/// The reverse of [`to_map`], of all headers.
pub(crate) fn to_list(map: &HeaderMap) -> HeaderList {
    let pairs = map.iter();
    pairs
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        .collect()
}

/// For a request, without the headers of the connection, and without those that its
/// `Connection` header names (RFC 9110, section 7.6.1).
pub(crate) fn to_map(list: &HeaderList) -> Result<HeaderMap, Failure> {
    let named: Vec<&[u8]> = (list.iter())
        .filter(|(name, _)| name.eq_ignore_ascii_case("connection"))
        .flat_map(|(_, value)| value.split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .collect();
    let is_dropped = |name: &str| {
        let is_named = |own: &&[u8]| name.as_bytes().eq_ignore_ascii_case(own);
        // HTTP/2's :authority and the like are not headers.
        is_of_connection(name) || name.starts_with(':') || named.iter().any(is_named)
    };
    let mut map = HeaderMap::with_capacity(list.len());
    for (name, value) in list.iter().filter(|(name, _)| !is_dropped(name)) {
        let invalid = || Failure::usage(format!("--headers: {name:?} cannot be sent as a header"));
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
        let value = HeaderValue::from_bytes(value).map_err(|_| invalid())?;
        map.append(name, value);
    }
    Ok(map)
}

/// Of a JSON body that is signed.
pub(crate) fn signed(signer: &Signer, now: UnixTime, body: &[u8]) -> Result<HeaderMap, Failure> {
    let signed = signer.sign(now, body);
    with_signature(json(), signed.timestamp(), signed.signature())
}

pub(crate) fn json() -> HeaderMap {
    let json = HeaderValue::from_static("application/json");
    HeaderMap::from_iter([(CONTENT_TYPE, json)])
}

pub(crate) fn with_signature(
    mut headers: HeaderMap,
    timestamp: &str,
    signature: &str,
) -> Result<HeaderMap, Failure> {
    for (field, text) in [
        (HeaderField::Timestamp, timestamp),
        (HeaderField::Signature, signature),
    ] {
        let mut value = HeaderValue::from_str(text)
            .map_err(|_| Failure::usage(format!("no header can carry this as {field}")))?;
        value.set_sensitive(true);
        headers.insert(field.name(), value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::{latin1_bytes, latin1_text, parse, to_map};

    #[test]
    fn every_byte_survives() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(latin1_bytes(&latin1_text(&bytes)).unwrap(), bytes);
    }

    #[test]
    fn headers_of_the_connection_are_not_passed_on() {
        let list = parse(
            b"Host: a\nX-A: 1\nX-A: 2\nX-Hop: 1\nConnection: close, x-hop\nContent-Length: 3",
        );
        let map = to_map(&list.unwrap().headers).unwrap();
        assert_eq!(map.len(), 2);
        assert_eq!(map.get_all("x-a").iter().count(), 2);
        assert!(to_map(&vec![("a b".to_owned(), vec![])]).is_err());
    }
}
