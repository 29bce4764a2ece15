use http::HeaderMap;
use nano_webhook_bench_shared::{
    COMPLETED, FAILED, UNKNOWN, completed, forged_headers, no_event, secret, set, signed_headers,
};
use nano_webhook_core::adapter::HeaderField;
use nano_webhook_core::{Bytes, Delivery, MatchedSecret, Secret, Signer, UnixTime, Verifier};

pub(crate) const TIME: UnixTime = UnixTime::from_secs(1_734_948_000);

/// One way through core, and how it ends.
pub(crate) struct Path {
    pub(crate) name: &'static str,
    pub(crate) outcome: &'static str,
    pub(crate) walk: Box<dyn Fn() -> &'static str>,
}

pub(crate) fn paths() -> Vec<Path> {
    let verifier = Verifier::new(secret());
    let next = Secret::new("the-secret-that-comes-next").expect("it is not empty");
    let rotating = Verifier::builder(next)
        .previous_secret(secret())
        .build()
        .expect("the settings are fine");
    vec![
        verify("accept completed", "accepted", &verifier, COMPLETED),
        verify("accept failed", "accepted", &verifier, FAILED),
        verify("accept unknown", "accepted", &verifier, UNKNOWN),
        verify(
            "accept completed 16 KiB",
            "accepted",
            &verifier,
            completed(16_613),
        ),
        verify(
            "accept by previous secret",
            "accepted",
            &rotating,
            COMPLETED,
        ),
        verify("verification alone", "invalid_event", &verifier, no_event(193)),
        in_chunks("accept in 4 chunks", &verifier, COMPLETED),
        refuse("refuse missing header", "missing_header", |headers| {
            headers.remove(HeaderField::Signature.name());
        }),
        refuse("refuse repeated header", "duplicate_header", |headers| {
            let value = headers[HeaderField::Signature.name()].clone();
            headers.append(HeaderField::Signature.name(), value);
        }),
        refuse(
            "refuse malformed timestamp",
            "malformed_timestamp",
            |headers| {
                set(headers, HeaderField::Timestamp.name(), "yesterday");
            },
        ),
        refuse(
            "refuse malformed signature",
            "malformed_signature",
            |headers| {
                set(headers, HeaderField::Signature.name(), "v1=0123");
            },
        ),
        refuse("refuse stale", "timestamp_out_of_tolerance", |headers| {
            set(headers, HeaderField::Timestamp.name(), "1734940000");
        }),
        refuse("refuse wrong signature", "signature_mismatch", |headers| {
            *headers = forged_headers(TIME, COMPLETED.as_bytes());
        }),
        sign(),
        assume_verified(),
    ]
}

fn verify(
    name: &'static str,
    outcome: &'static str,
    verifier: &Verifier,
    body: impl AsRef<[u8]>,
) -> Path {
    let verifier = verifier.clone();
    let body = Bytes::copy_from_slice(body.as_ref());
    let headers = signed_headers(TIME, &body);
    Path {
        name,
        outcome,
        walk: Box::new(move || outcome_of(verifier.verify(&headers, body.clone(), TIME))),
    }
}

fn in_chunks(name: &'static str, verifier: &Verifier, body: &'static str) -> Path {
    let verifier = verifier.clone();
    let headers = signed_headers(TIME, body.as_bytes());
    let chunks: Vec<_> = (body.as_bytes().chunks(body.len().div_ceil(4)))
        .map(Bytes::from_static)
        .collect();
    Path {
        name,
        outcome: "accepted",
        walk: Box::new(move || {
            let mut verification = verifier.begin(&headers, TIME).expect("the head is fine");
            for chunk in &chunks {
                verification.push(chunk.clone()).expect("it is small");
            }
            outcome_of(verification.finish())
        }),
    }
}

fn refuse(name: &'static str, outcome: &'static str, spoil: impl Fn(&mut HeaderMap)) -> Path {
    let verifier = Verifier::new(secret());
    let body = Bytes::from_static(COMPLETED.as_bytes());
    let mut headers = signed_headers(TIME, &body);
    spoil(&mut headers);
    Path {
        name,
        outcome,
        walk: Box::new(move || outcome_of(verifier.verify(&headers, body.clone(), TIME))),
    }
}

fn sign() -> Path {
    let signer = Signer::new(secret());
    Path {
        name: "sign",
        outcome: "signed",
        walk: Box::new(move || {
            drop(signer.sign(TIME, COMPLETED.as_bytes()));
            "signed"
        }),
    }
}

fn assume_verified() -> Path {
    Path {
        name: "assume verified",
        outcome: "accepted",
        walk: Box::new(|| {
            outcome_of(Delivery::assume_verified(
                COMPLETED,
                TIME,
                MatchedSecret::Current,
            ))
        }),
    }
}

fn outcome_of(judged: Result<Delivery, nano_webhook_core::WebhookError>) -> &'static str {
    match judged {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}
