//! Any headers against any clock: who may send a body?

use nano_webhook_core::{HeaderField, RequestHead as _};

use crate::oracle::head;
use crate::receiver::Receiver;
use crate::request::Request;

/// Judges the head of a request.
pub fn check(data: &[u8]) {
    let receiver = Receiver::new(&Request::decode(data));
    let headers = &receiver.headers;
    let seen = receiver.verifier.begin(headers, receiver.now());
    let seen = seen.map(drop).map_err(|error| error.code());
    let expected = head::read(headers, &receiver.limits);
    assert_eq!(seen, expected.as_ref().map(|_| ()).map_err(|code| *code));
    if expected.is_ok() {
        for field in [HeaderField::Timestamp, HeaderField::Signature] {
            let lines = headers.field_lines();
            let named = lines.filter(|(name, _)| name.eq_ignore_ascii_case(field.name()));
            assert_eq!(named.count(), 1, "{field}");
        }
    }
}
