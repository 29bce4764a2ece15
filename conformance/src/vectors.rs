use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use crate::clock::TestClock;
use crate::settings::Settings;

/// There are this many. With fewer, a file is lost.
const AT_LEAST: usize = 782;

/// All vectors of all files. `generate.mjs --check` holds them to the form that
/// `conformance/README.md` describes.
///
/// # Panics
/// If a file is not of that form: a vector that is skipped silently judges nothing.
#[must_use]
pub fn vectors() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut all: Vec<Vector> = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let vectors: Vec<Vector> = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        all.extend(vectors);
    }
    assert!(all.len() >= AT_LEAST, "{} vectors only", all.len());
    all
}

/// One delivery, and what must come of it. `conformance/README.md` says what
/// each field means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    /// Unique over all files.
    pub name: String,
    /// Why it exists.
    #[serde(default)]
    pub note: Option<String>,
    /// `direct`: cannot be driven over a socket.
    #[serde(default)]
    pub transport: Option<String>,
    /// The current secret first.
    pub secrets: Vec<String>,
    /// Settings that are not the default.
    #[serde(default)]
    pub options: Options,
    /// The receiver's clock.
    pub now_ms: u64,
    /// In the order in which they are sent.
    pub headers: Vec<(String, HeaderValue)>,
    /// The body in Base64.
    pub body: String,
    /// What must come of it.
    pub expect: Expectation,
}

/// Settings of a receiver, where they are not the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// How old a timestamp may be.
    pub tolerance_past_ms: Option<u64>,
    /// How far ahead it may be.
    pub tolerance_future_ms: Option<u64>,
    /// The largest body.
    pub max_body_bytes: Option<usize>,
    /// Whether re-serialised bodies are accepted.
    pub accept_reserialized: Option<bool>,
}

/// The value of a header.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum HeaderValue {
    /// Visible ASCII and spaces.
    Text(String),
    /// Anything else.
    Bytes {
        /// The bytes in Base64.
        base64: String,
    },
}

impl HeaderValue {
    /// The bytes as they are sent.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Bytes { base64 } => STANDARD.decode(base64).unwrap(),
        }
    }
}

/// What must come of a delivery.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The HTTP status.
    pub status: u16,
    /// The code of a refusal.
    #[serde(default)]
    pub code: Option<String>,
    /// What the handler sees.
    #[serde(default)]
    pub event: Option<Value>,
    /// Which secret matched.
    #[serde(default)]
    pub secret: Option<usize>,
    /// The time in the header.
    #[serde(default)]
    pub signed_at_ms: Option<u64>,
    /// The signed body in Base64, where it is not the body that was sent.
    #[serde(default)]
    pub signed_body: Option<String>,
}

impl Vector {
    /// The body as it is sent.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        STANDARD.decode(&self.body).unwrap()
    }

    /// What `event_json` must give for an accepted delivery.
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
    #[must_use]
    pub fn header_bytes(&self) -> Vec<(String, Vec<u8>)> {
        self.headers
            .iter()
            .map(|(name, value)| (name.clone(), value.bytes()))
            .collect()
    }

    /// A receiver as this vector wants it, with this clock.
    #[must_use]
    pub fn settings(&self, clock: TestClock) -> Settings {
        Settings {
            secrets: self.secrets.clone(),
            options: self.options.clone(),
            clock,
            ..Settings::default()
        }
    }
}
