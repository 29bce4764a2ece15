use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nano_webhook_core::UnixTime;
use serde::Deserialize;
use serde_json::Value;

use crate::settings::{Settings, TestClock};

/// There are this many. With fewer, a file is lost.
const AT_LEAST: usize = 782;

/// All vectors of all files. `generate.mjs --check` holds them to the form that
/// `conformance/README.md` describes.
pub(crate) fn vectors() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut all: Vec<Vector> = Vec::new();
    for file in fs::read_dir(&folder).unwrap() {
        let file = file.unwrap().path();
        let text = fs::read_to_string(&file).unwrap();
        let vectors: Result<Vec<Vector>, _> = serde_json::from_str(&text);
        all.extend(vectors.unwrap_or_else(|error| panic!("{}: {error}", file.display())));
    }
    all.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(all.len() >= AT_LEAST, "{} vectors only", all.len());
    all
}

/// One delivery, and its expected result.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "conformance/README.md describes each field")]
pub struct Vector {
    pub name: String,
    #[serde(rename = "note")]
    _note: Option<String>,
    pub transport: Option<String>,
    pub secrets: Vec<String>,
    #[serde(default)]
    pub options: Options,
    pub now_ms: u64,
    headers: Vec<(String, HeaderValue)>,
    body: String,
    pub expect: Expectation,
}

/// Settings of a receiver, where they are not the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "conformance/README.md describes each field")]
pub struct Options {
    pub tolerance_past_ms: Option<u64>,
    pub tolerance_future_ms: Option<u64>,
    pub max_body_bytes: Option<usize>,
    pub accept_reserialized: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum HeaderValue {
    Text(String),
    Bytes { base64: String },
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "conformance/README.md describes each field")]
pub struct Expectation {
    pub status: u16,
    pub code: Option<String>,
    event: Option<Value>,
    secret: Option<usize>,
    signed_at_ms: Option<u64>,
    signed_body: Option<String>,
}

impl Vector {
    /// The body as it is sent.
    pub fn body(&self) -> Vec<u8> {
        STANDARD.decode(&self.body).unwrap()
    }

    pub(crate) fn delivery(&self) -> Value {
        let expect = &self.expect;
        serde_json::json!({
            "event": expect.event,
            // Core says whether it was a previous one, not which.
            "secret": expect.secret.map(|position| position.min(1)),
            "signed_at_ms": expect.signed_at_ms,
            "signed_body": expect.signed_body.as_ref().unwrap_or(&self.body),
        })
    }

    /// The headers as they are sent.
    pub fn header_bytes(&self) -> Vec<(String, Vec<u8>)> {
        let bytes = |value: &HeaderValue| match value {
            HeaderValue::Text(text) => text.clone().into_bytes(),
            HeaderValue::Bytes { base64 } => STANDARD.decode(base64).unwrap(),
        };
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| (name.clone(), bytes(value)));
        headers.collect()
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            secrets: self.secrets.clone(),
            options: self.options.clone(),
            clock: TestClock::at(UnixTime::from_millis(self.now_ms)),
            ..Settings::default()
        }
    }
}
