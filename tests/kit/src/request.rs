use nano_webhook_core::{Secret, Signer, UnixTime};

/// A request's bytes, signed as they should be, for a test to change.
#[derive(Clone, Debug)]
pub struct SignedRequest {
    /// The method.
    pub method: &'static str,
    /// In the order in which they are sent.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
}

impl SignedRequest {
    /// The secret that signs, unless another is given.
    pub const SECRET: &str = "a secret for the tests only";

    /// The time of signing, unless another is given.
    pub const NOW: UnixTime = UnixTime::from_secs(1_734_948_000);

    /// A request with this body.
    #[must_use]
    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        Self::signed(Self::SECRET, Self::NOW, body)
    }

    /// A failed job.
    #[must_use]
    pub fn for_task(task: &str) -> Self {
        Self::new(format!(r#"{{"event":"job.failed","task_id":"{task}"}}"#))
    }

    /// A completed job, signed at this moment.
    #[must_use]
    pub fn completed_now(task: &str) -> Self {
        let body = format!(
            r#"{{"event":"job.completed","task_id":"{task}","task_type":"image","status":"completed","data":{{"url":"https://cdn.example.com/{task}.png","credits_charged":6}},"timestamp":"2024-12-23T10:00:00Z"}}"#
        );
        Self::signed_now(Self::SECRET, body)
    }

    /// A request signed with another secret, at this moment.
    #[must_use]
    pub fn signed_now(secret: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::signed(secret, UnixTime::now(), body)
    }

    /// A request signed with another secret, at another time.
    #[must_use]
    pub fn signed(secret: &str, time: UnixTime, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let signed = Signer::new(Secret::new(secret).unwrap()).sign(time, &body);
        let pairs = signed.to_pairs();
        Self {
            method: "POST",
            headers: pairs
                .map(|(name, value)| (name.to_owned(), value.into()))
                .into(),
            body,
        }
    }

    /// A failed job whose body has exactly this many bytes.
    #[must_use]
    pub fn of_size(size: usize) -> Self {
        let frame = Self::for_task("").body.len();
        Self::for_task(&"x".repeat(size - frame))
    }

    /// The same with a changed body.
    #[must_use]
    pub fn forged(mut self) -> Self {
        self.body.push(b' ');
        self
    }

    /// `X-Nano-Timestamp`.
    #[must_use]
    pub fn timestamp(&self) -> &str {
        self.value("x-nano-timestamp")
    }

    /// `X-Nano-Signature`.
    #[must_use]
    pub fn signature(&self) -> &str {
        self.value("x-nano-signature")
    }

    fn value(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(header, _)| header == name);
        std::str::from_utf8(&found.unwrap().1).unwrap()
    }

    /// Gives it another method.
    #[must_use]
    pub fn method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    /// Takes a header away.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(header, _)| header != name);
        self
    }

    /// Gives a header another value.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        self.without(name).header(name, value)
    }

    /// The head, with these lines more.
    #[must_use]
    pub fn head(&self, more: &str) -> Vec<u8> {
        let mut head =
            format!("{} /webhook HTTP/1.1\r\nhost: localhost\r\n", self.method).into_bytes();
        for (name, value) in &self.headers {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(more.as_bytes());
        head.extend_from_slice(b"\r\n");
        head
    }

    /// The whole request, with a `Content-Length`.
    #[must_use]
    pub fn whole(&self) -> Vec<u8> {
        let mut bytes = self.head(&format!("content-length: {}\r\n", self.body.len()));
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// The whole request, in chunks of this size.
    #[must_use]
    pub fn chunked(&self, size: usize) -> Vec<u8> {
        let mut bytes = self.head("transfer-encoding: chunked\r\n");
        for chunk in self.body.chunks(size) {
            bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        bytes
    }
}
