//! What a [`Request`] means for the receiver and for the oracle.

use std::time::Duration;

use nano_webhook_core::{Secret, UnixTime, Verifier, VerifierBuilder};
use nano_webhook_test_kit::oracle::head::{Limits, read_timestamp};
use nano_webhook_test_kit::oracle::mac;

use crate::request::{BOUNDS, Clock, NAMES, Request, Signed, Value};
use crate::reserialize;

/// The receiver that a request meets, as core sees it and as the oracle does.
pub(crate) struct Receiver {
    pub(crate) verifier: Verifier,
    pub(crate) limits: Limits,
    pub(crate) secrets: Vec<String>,
    pub(crate) headers: Vec<(&'static str, Vec<u8>)>,
}

impl Receiver {
    pub(crate) fn new(request: &Request) -> Self {
        let secrets: Vec<String> = request.secrets.iter().map(|text| secret(text)).collect();
        let headers = headers(request, &secrets);
        let [past, future] = request
            .tolerance
            .map(|index| BOUNDS[usize::from(index) % BOUNDS.len()]);
        let mut keys = secrets
            .iter()
            .map(|text| Secret::new(text).expect("it is not empty"));
        let current = keys.next().expect("there is at least one");
        let mut builder = Verifier::builder(current)
            .tolerance(past)
            .tolerance_ahead(future);
        for previous in keys {
            builder = builder.previous_secret(previous);
        }
        let max_body = match request.max_body {
            0 => VerifierBuilder::DEFAULT_BODY_LIMIT,
            limit => usize::from(limit),
        };
        builder = builder.body_limit(max_body);
        if request.accept_reserialized {
            builder = builder.accept_reserialized();
        }
        let verifier = builder.build().expect("no limit is zero");
        let limits = Limits {
            now_ms: clock(request.clock, &headers),
            past_ms: millis(past),
            future_ms: millis(future),
            max_body,
        };
        Self {
            verifier,
            limits,
            secrets,
            headers,
        }
    }

    pub(crate) fn now(&self) -> UnixTime {
        UnixTime::from_millis(self.limits.now_ms)
    }
}

/// A secret is not blank.
fn secret(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text).into_owned();
    match Secret::new(&*text) {
        Ok(_) => text,
        Err(_) => format!("{text}not blank"),
    }
}

fn headers(request: &Request, secrets: &[String]) -> Vec<(&'static str, Vec<u8>)> {
    let name = |index: u8| NAMES[usize::from(index) % NAMES.len()];
    let timestamp = request.headers.iter().find_map(|header| match header {
        (index, Value::Raw(value)) if name(*index).to_lowercase() == NAMES[0] => Some(&value[..]),
        _ => None,
    });
    request
        .headers
        .iter()
        .map(|(index, value)| {
            let value = match value {
                Value::Raw(value) => value.clone(),
                Value::Signed(signed) => sign(
                    *signed,
                    secrets,
                    timestamp.unwrap_or_default(),
                    &request.body,
                ),
            };
            (name(*index), value)
        })
        .collect()
}

fn sign(signed: Signed, secrets: &[String], timestamp: &[u8], body: &[u8]) -> Vec<u8> {
    let secret = &secrets[usize::from(signed.secret) % secrets.len()];
    let text = signed.reserialized.then(|| reserialize::oracle(body)).flatten();
    let message = text.as_ref().map_or(body, String::as_bytes);
    let mut value = mac::signature(secret, timestamp, message).into_bytes();
    let place = usize::from(signed.place) % value.len();
    value[place] ^= signed.bits;
    value
}

fn clock(clock: Clock, headers: &[(&'static str, Vec<u8>)]) -> u64 {
    match clock {
        Clock::At(millis) => millis,
        Clock::Relative(millis) => headers
            .iter()
            .find_map(|(_, value)| read_timestamp(value))
            .unwrap_or(1_734_948_000_000)
            .saturating_add_signed(millis),
    }
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}
