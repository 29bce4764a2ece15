use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use nano_webhook_test_kit::oracle::head::Limits;
use serde_json::{Value, json};

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
    /// What the documented function is asked.
    pub(crate) fn question(&self) -> Value {
        // As Node decodes header values: each byte is a character.
        let latin1 = |values: &[Vec<u8>]| -> Vec<String> {
            let decode = |value: &Vec<u8>| value.iter().map(|byte| char::from(*byte)).collect();
            values.iter().map(decode).collect()
        };
        json!({
            "secrets": self.settings.secrets,
            "timestamps": latin1(&self.timestamps),
            "signatures": latin1(&self.signatures),
            "body": BASE64_STANDARD.encode(&self.body),
        })
    }

    pub(crate) fn headers(&self) -> Vec<(&'static str, Vec<u8>)> {
        let named = |name, values: &[Vec<u8>]| -> Vec<_> {
            values.iter().map(|value| (name, value.clone())).collect()
        };
        let timestamps = named("x-nano-timestamp", &self.timestamps);
        [timestamps, named("x-nano-signature", &self.signatures)].concat()
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            now_ms: self.now_ms,
            past_ms: self.settings.past_ms,
            future_ms: self.settings.future_ms,
            max_body: self.settings.max_body,
        }
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
