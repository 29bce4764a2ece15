//! All vectors through `nano-webhook-core`, as a program that imports nothing: it exits
//! with the number of those that differ. `scripts/wasm` builds it for
//! `wasm32-unknown-unknown` and runs it under Node.
//!
//! The time is an argument of `verify`. `UnixTime::now` panics where the host has no
//! clock: give the verifier one (`VerifierBuilder::clock`), or the time.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nano_webhook_core::{MatchedSecret, Secret, UnixTime, Verifier, VerifierBuilder};
use serde::Deserialize;

const FILES: &[&str] = &include!(concat!(env!("OUT_DIR"), "/vectors.rs"));

type BoxError = Box<dyn std::error::Error>;

/// `conformance/README.md` says what each field means.
#[derive(Deserialize)]
struct Vector {
    name: String,
    secrets: Vec<String>,
    #[serde(default)]
    options: Options,
    now_ms: u64,
    headers: Vec<(String, HeaderValue)>,
    body: String,
    expect: Expectation,
}

#[derive(Default, Deserialize)]
struct Options {
    tolerance_past_ms: Option<u64>,
    tolerance_future_ms: Option<u64>,
    max_body_bytes: Option<usize>,
    accept_reserialized: Option<bool>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum HeaderValue {
    Text(String),
    Bytes { base64: String },
}

/// What `verify` must say.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
struct Expectation {
    status: u16,
    code: Option<String>,
    secret: Option<usize>,
    signed_at_ms: Option<u64>,
    signed_body: Option<String>,
}

fn main() -> Result<ExitCode, BoxError> {
    let mut differing = 0_u8;
    for file in FILES {
        for vector in serde_json::from_str::<Vec<Vector>>(file)? {
            let got = verify(&vector)?;
            let expected = vector.expect();
            if got != expected {
                differing = differing.saturating_add(1);
                // Where a host has a standard error.
                let name = &vector.name;
                writeln!(std::io::stderr(), "{name}: got {got:?}, not {expected:?}")?;
            }
        }
    }
    Ok(ExitCode::from(differing))
}

impl Vector {
    /// Core says whether a previous secret matched, not which one.
    fn expect(&self) -> Expectation {
        let mut expect = self.expect.clone();
        expect.secret = expect.secret.map(|position| position.min(1));
        if expect.code.is_none() {
            expect.signed_body.get_or_insert_with(|| self.body.clone());
        }
        expect
    }
}

fn verify(vector: &Vector) -> Result<Expectation, BoxError> {
    let mut headers = Vec::new();
    for (name, value) in &vector.headers {
        let value = match value {
            HeaderValue::Text(text) => text.clone().into_bytes(),
            HeaderValue::Bytes { base64 } => STANDARD.decode(base64)?,
        };
        headers.push((name, value));
    }
    let now = UnixTime::from_millis(vector.now_ms);
    let body = STANDARD.decode(&vector.body)?;
    Ok(match verifier(vector)?.verify(&headers, body, now) {
        Ok(delivery) => Expectation {
            status: 200,
            code: None,
            secret: Some(match delivery.secret() {
                MatchedSecret::Current => 0,
                MatchedSecret::Previous => 1,
            }),
            signed_at_ms: Some(delivery.signed_at().as_millis()),
            signed_body: Some(STANDARD.encode(delivery.body())),
        },
        Err(error) => Expectation {
            status: error.status(),
            code: Some(error.code().to_owned()),
            ..Expectation::default()
        },
    })
}

fn verifier(vector: &Vector) -> Result<Verifier, BoxError> {
    let [current, previous @ ..] = &*vector.secrets else {
        return Err("a vector without a secret".into());
    };
    let options = &vector.options;
    let tolerance = |millis: Option<u64>| {
        millis.map_or(VerifierBuilder::DEFAULT_TOLERANCE, Duration::from_millis)
    };
    let mut builder = Verifier::builder(Secret::new(current.as_str())?)
        .tolerance(tolerance(options.tolerance_past_ms))
        .tolerance_ahead(tolerance(options.tolerance_future_ms));
    for secret in previous {
        builder = builder.previous_secret(Secret::new(secret.as_str())?);
    }
    if let Some(bytes) = options.max_body_bytes {
        builder = builder.body_limit(bytes);
    }
    if options.accept_reserialized == Some(true) {
        builder = builder.accept_reserialized();
    }
    Ok(builder.build()?)
}
