use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

/// Fewer than this, and somebody has lost a file.
const AT_LEAST: usize = 750;

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
            "secret": expect.secret,
            "signed_at_ms": expect.signed_at_ms,
            "signed_body": expect.signed_body.as_ref().unwrap_or(&self.body),
        })
    }

    pub(crate) fn is_for_sockets(&self) -> bool {
        match self.transport.as_deref() {
            None => true,
            Some("direct") => false,
            Some(other) => panic!("{}: what is the transport {other}?", self.name),
        }
    }
}

/// All vectors of all files.
#[must_use]
pub fn vectors() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let vectors: Vec<Vector> = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(!vectors.is_empty(), "{} is empty", path.display());
        all.extend(vectors);
    }
    assert!(all.len() >= AT_LEAST, "{} vectors only", all.len());
    all
}
