//! Inputs that are nasty or that once failed, as a body and as header values.
//! `tests/fuzz` compares core with the oracle on them. Whatever a fuzz target finds is
//! added as a file.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;

use nano_webhook_core::{
    Bytes, Delivery, ErrorKind, MatchedSecret, Secret, Verifier, WebhookError,
};
use nano_webhook_test_kit::SignedRequest;

#[test]
fn nothing_panics_and_nothing_forged_gets_through() {
    let verifier = Verifier::new(Secret::new(SignedRequest::SECRET).unwrap());
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions");
    let mut inputs = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let input = fs::read(&path).unwrap();
        println!("{}", path.display());
        as_a_signed_body(&verifier, &input);
        as_header_values(&verifier, &input);
        inputs += 1;
    }
    assert!(inputs >= 20, "only {inputs} inputs");
}

/// A signature makes it a delivery or an invalid event, however it is cut; and
/// what a stored delivery is read as is the same.
fn as_a_signed_body(verifier: &Verifier, body: &[u8]) {
    let (now, secret) = (SignedRequest::NOW, MatchedSecret::Current);
    let stored = outcome(&Delivery::assume_verified(body.to_vec(), now, secret));
    let headers = SignedRequest::new(body).headers;
    for size in [1, 7, body.len().max(1)] {
        let mut verification = verifier.begin(&headers, now).unwrap();
        for chunk in body.chunks(size) {
            verification.push(Bytes::copy_from_slice(chunk)).unwrap();
        }
        assert_eq!(outcome(&verification.finish()), stored);
    }
}

fn outcome(judged: &Result<Delivery, WebhookError>) -> String {
    match judged {
        Ok(delivery) => format!("{:?}", delivery.event()),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::InvalidEvent);
            error.to_string()
        }
    }
}

/// None of the inputs is a signature of the body, so none may be accepted.
fn as_header_values(verifier: &Verifier, value: &[u8]) {
    for name in ["x-nano-timestamp", "x-nano-signature", "content-encoding"] {
        let mut request = SignedRequest::for_task("t").without(name);
        request.headers.push((name.to_owned(), value.to_vec()));
        let verified = verifier.verify(&request.headers, request.body, SignedRequest::NOW);
        let error = verified.unwrap_err();
        assert!((400..500).contains(&error.status()), "{error}");
    }
}
