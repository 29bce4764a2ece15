//! Inputs that are nasty or that once failed, as a body and as header values.
//! `tests/fuzz` compares core with the oracle on them. Whatever a fuzz target finds is
//! added as a file.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::Path;

use nano_webhook_core::{
    Bytes, Delivery, ErrorKind, MatchedSecret, Secret, Signer, UnixTime, Verifier, WebhookError,
};

const SECRET: &str = "a-secret-for-the-regressions";
const NOW: UnixTime = UnixTime::from_secs(1_734_948_000);

#[test]
fn nothing_panics_and_nothing_forged_gets_through() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions");
    let mut inputs = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let input = fs::read(&path).unwrap();
        println!("{}", path.display());
        as_a_signed_body(&input);
        as_header_values(&input);
        inputs += 1;
    }
    assert!(inputs >= 20, "only {inputs} inputs");
}

fn verifier() -> Verifier {
    Verifier::new(Secret::new(SECRET).unwrap())
}

/// A signature makes it a delivery or an invalid event, however it is cut; and
/// what a stored delivery is read as is the same.
fn as_a_signed_body(body: &[u8]) {
    let headers = Signer::new(Secret::new(SECRET).unwrap()).sign(NOW, body);
    let stored = Delivery::assume_verified(body.to_vec(), NOW, MatchedSecret::Current);
    let stored = outcome(&stored);
    for size in [1, 7, body.len().max(1)] {
        let mut verification = verifier().begin(&headers.to_pairs(), NOW).unwrap();
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
fn as_header_values(value: &[u8]) {
    let body = r#"{"event":"job.failed","task_id":"t"}"#;
    let signed = Signer::new(Secret::new(SECRET).unwrap()).sign(NOW, body.as_bytes());
    let (timestamp, signature) = (signed.timestamp().as_bytes(), signed.signature().as_bytes());
    let requests = [
        vec![("x-nano-timestamp", value), ("x-nano-signature", signature)],
        vec![("x-nano-timestamp", timestamp), ("x-nano-signature", value)],
        vec![
            ("x-nano-timestamp", timestamp),
            ("x-nano-signature", signature),
            ("content-encoding", value),
        ],
    ];
    for headers in requests {
        let error = verifier().verify(&headers, body, NOW).unwrap_err();
        assert!((400..500).contains(&error.status()), "{error}");
    }
}
