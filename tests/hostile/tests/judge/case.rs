use nano_webhook_test_kit::oracle::head::Limits;

/// A delivery as it arrives, and at which receiver.
#[derive(Clone, Debug, Default)]
pub(crate) struct Case {
    /// Which of those that were started beforehand.
    pub(crate) receiver: usize,
    pub(crate) secrets: Vec<String>,
    pub(crate) limits: Limits,
    pub(crate) timestamps: Vec<Vec<u8>>,
    pub(crate) signatures: Vec<Vec<u8>>,
    pub(crate) body: Vec<u8>,
    /// Where the body is cut into chunks: ascending offsets.
    pub(crate) cuts: Vec<usize>,
}

impl Case {
    pub(crate) fn headers(&self) -> Vec<(&'static str, Vec<u8>)> {
        let timestamps = self
            .timestamps
            .iter()
            .map(|value| ("x-nano-timestamp", value));
        let signatures = self
            .signatures
            .iter()
            .map(|value| ("x-nano-signature", value));
        let headers = timestamps.chain(signatures);
        headers.map(|(name, value)| (name, value.clone())).collect()
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
