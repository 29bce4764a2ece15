use serde_json::{Value, json};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// What a receiver is told when it is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) secrets: Vec<String>,
    pub(crate) past_ms: u64,
    pub(crate) future_ms: u64,
    pub(crate) max_body: usize,
}

/// A delivery as it arrives, and at what time of which receiver.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) settings: Settings,
    pub(crate) now_ms: u64,
    pub(crate) timestamps: Vec<Vec<u8>>,
    pub(crate) signatures: Vec<Vec<u8>>,
    pub(crate) body: Vec<u8>,
    /// Where the body is cut into chunks: ascending offsets.
    pub(crate) cuts: Vec<usize>,
}

impl Case {
    /// What the judge is asked.
    pub(crate) fn question(&self) -> Value {
        json!({
            "secrets": self.settings.secrets,
            "timestamps": self.timestamps.iter().map(|value| latin1(value)).collect::<Vec<_>>(),
            "signatures": self.signatures.iter().map(|value| latin1(value)).collect::<Vec<_>>(),
            "body": BASE64_STANDARD.encode(&self.body),
        })
    }

    pub(crate) fn chunks(&self) -> impl Iterator<Item = &[u8]> {
        let ends = self.cuts.iter().copied().chain([self.body.len()]);
        let mut start = 0;
        ends.map(move |end| {
            let chunk = &self.body[start..end];
            start = end;
            chunk
        })
    }

    /// The same delivery with header values that HTTP can carry: no control
    /// characters, no white space at the ends.
    pub(crate) fn wire_safe(mut self) -> Self {
        for value in self.timestamps.iter_mut().chain(&mut self.signatures) {
            value.retain(|byte| *byte >= b' ' && *byte != 0x7f);
            *value = value.trim_ascii().to_vec();
        }
        self
    }
}

/// As Node decodes header values: each byte is a character.
fn latin1(value: &[u8]) -> String {
    value.iter().map(|byte| char::from(*byte)).collect()
}
