//! Any headers against any clock: who may send a body?

use nano_webhook_test_kit::oracle::head;

use crate::receiver::Receiver;
use crate::request::Request;

/// Judges the head of a request.
pub fn check(data: &[u8]) {
    let receiver = Receiver::new(&Request::decode(data));
    let headers = &receiver.headers;
    let seen = receiver.verifier.begin(headers, receiver.now());
    let seen = seen.map(drop).map_err(|error| error.code());
    let expected = head::read(headers, &receiver.limits);
    assert_eq!(seen, expected.map(drop));
}
