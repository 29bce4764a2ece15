use http::{HeaderMap, HeaderName, HeaderValue, header};
use nano_webhook_core::{
    Bytes, Delivery, HeaderField, MatchedSecret, RequestHead, Secret, Signer, UnixTime, Verifier,
};

/// The payload of the provider's page, in one line: 193 bytes.
const COMPLETED: &str = r#"{"event":"job.completed","task_id":"task_xxx","task_type":"image","status":"completed","data":{"url":"https://cdn.example.com/image.png","credits_charged":6},"timestamp":"2024-12-23T10:00:00Z"}"#;
const FAILED: &str = r#"{"event":"job.failed","task_id":"task_xxx","task_type":"image","status":"failed","data":{"error":{"code":"nsfw","message":"The prompt was refused."},"credits_charged":0},"timestamp":"2024-12-23T10:00:00Z"}"#;
const UNKNOWN: &str = r#"{"event":"job.queued","task_id":"task_xxx","position":4}"#;

const TIME: UnixTime = UnixTime::from_secs(1_734_948_000);
const SECRET: &str = "your-secret-key-of-some-length";

/// One way through core, and how it ends.
pub(crate) struct Path {
    pub(crate) name: &'static str,
    pub(crate) outcome: &'static str,
    pub(crate) walk: Box<dyn Fn() -> &'static str>,
}

pub(crate) fn paths() -> Vec<Path> {
    let verifier = Verifier::new(secret(SECRET));
    let rotating = Verifier::builder(secret("the-secret-that-comes-next"))
        .previous_secret(secret(SECRET))
        .build()
        .expect("the settings are fine");
    let large = format!(
        r#"{{"padding":"{}",{}"#,
        "x".repeat(16_384),
        &COMPLETED[1..]
    );
    // Not UTF-8 from the first byte on: the verdict is made, nothing is parsed.
    let no_event = [0xff; COMPLETED.len()];

    vec![
        verify("accept completed", "accepted", &verifier, COMPLETED),
        verify("accept failed", "accepted", &verifier, FAILED),
        verify("accept unknown", "accepted", &verifier, UNKNOWN),
        verify("accept completed 16 KiB", "accepted", &verifier, large),
        verify(
            "accept by previous secret",
            "accepted",
            &rotating,
            COMPLETED,
        ),
        verify("verdict alone", "invalid_event", &verifier, no_event),
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
                set(headers, HeaderField::Timestamp, "yesterday");
            },
        ),
        refuse(
            "refuse malformed signature",
            "malformed_signature",
            |headers| {
                set(headers, HeaderField::Signature, "v1=0123");
            },
        ),
        refuse("refuse stale", "timestamp_out_of_tolerance", |headers| {
            set(headers, HeaderField::Timestamp, "1734940000");
        }),
        refuse("refuse wrong signature", "signature_mismatch", |headers| {
            set(
                headers,
                HeaderField::Signature,
                &format!("v1={}", "0".repeat(64)),
            );
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
    let headers = Headers(signed(&body));
    Path {
        name,
        outcome,
        walk: Box::new(move || outcome_of(verifier.verify(&headers, body.clone(), TIME))),
    }
}

fn in_chunks(name: &'static str, verifier: &Verifier, body: &'static str) -> Path {
    let verifier = verifier.clone();
    let headers = Headers(signed(body.as_bytes()));
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
    let verifier = Verifier::new(secret(SECRET));
    let body = Bytes::from_static(COMPLETED.as_bytes());
    let mut headers = signed(&body);
    spoil(&mut headers);
    let headers = Headers(headers);
    Path {
        name,
        outcome,
        walk: Box::new(move || outcome_of(verifier.verify(&headers, body.clone(), TIME))),
    }
}

fn sign() -> Path {
    let signer = Signer::new(&secret(SECRET));
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

fn secret(text: &str) -> Secret {
    Secret::new(text).expect("the secret is not empty")
}

/// What a provider's HTTP client sends.
fn signed(body: &[u8]) -> HeaderMap {
    let signed = Signer::new(&secret(SECRET)).sign(TIME, body);
    let mut headers = HeaderMap::new();
    headers.insert(
        header::HOST,
        HeaderValue::from_static("receiver.example.com"),
    );
    headers.insert(header::USER_AGENT, HeaderValue::from_static("provider/1.0"));
    headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    set(&mut headers, HeaderField::Timestamp, signed.timestamp());
    set(&mut headers, HeaderField::Signature, signed.signature());
    headers
}

fn set(headers: &mut HeaderMap, field: HeaderField, value: &str) {
    let value = HeaderValue::from_str(value).expect("the value is ASCII");
    headers.insert(HeaderName::from_static(field.name()), value);
}

/// As the adapters give headers to core.
struct Headers(HeaderMap);

impl RequestHead for Headers {
    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        (self.0.iter()).map(|(name, value)| (name.as_str(), value.as_bytes()))
    }
}
