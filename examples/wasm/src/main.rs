//! All vectors through `nano-webhook-core`, as a program that imports nothing: it exits
//! with the number of those that differ. `scripts/wasm` builds it for
//! `wasm32-unknown-unknown` and runs it under Node.
//!
//! The time is an argument of `verify`. `UnixTime::now` panics where the host has no
//! clock: give the verifier one (`VerifierBuilder::clock`), or the time.

use std::process::ExitCode;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nano_webhook_core::{MatchedSecret, Secret, UnixTime, Verifier};
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

#[derive(Deserialize)]
struct Expectation {
    status: u16,
    code: Option<String>,
    secret: Option<usize>,
    signed_body: Option<String>,
}

fn main() -> ExitCode {
    let mut differing = 0;
    for file in FILES {
        match serde_json::from_str::<Vec<Vector>>(file) {
            Ok(vectors) => {
                let wrong = vectors.iter().filter(|vector| !is_met(vector));
                differing += u8::try_from(wrong.count()).unwrap_or(u8::MAX);
            }
            Err(_) => differing += 1,
        }
    }
    ExitCode::from(differing)
}

fn is_met(vector: &Vector) -> bool {
    let expect = &vector.expect;
    match judge(vector) {
        Ok(got) => got == (expect.status, expect.code.clone(), expect.secret.map(|at| at.min(1))),
        Err(_) => false,
    }
}
