use nano_webhook_core::{Secret, Signer, UnixTime};

/// A request's bytes, signed as they should be, for a test to change.
#[derive(Clone, Debug)]
pub struct SignedRequest {
    pub method: &'static str,
    pub path: String,
    /// In the order in which they are sent.
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl SignedRequest {
    /// The secret that signs, unless another is given.
    pub const SECRET: &str = "a secret for the tests only";

    /// The time of signing, unless another is given.
    pub const NOW: UnixTime = UnixTime::from_secs(1_734_948_000);

    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        Self::signed(Self::SECRET, Self::NOW, body)
    }

    pub fn for_task(task: &str) -> Self {
        Self::new(format!(r#"{{"event":"job.failed","task_id":"{task}"}}"#))
    }

    /// A completed job, signed at this moment.
    pub fn completed_now(task: &str) -> Self {
        let body = format!(
            r#"{{"event":"job.completed","task_id":"{task}","task_type":"image","status":"completed","data":{{"url":"https://cdn.example.com/{task}.png","credits_charged":6}},"timestamp":"2024-12-23T10:00:00Z"}}"#
        );
        Self::signed_now(Self::SECRET, body)
    }

    pub fn signed_now(secret: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::signed(secret, UnixTime::now(), body)
    }

    pub fn signed(secret: &str, time: UnixTime, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let signed = Signer::new(Secret::new(secret).unwrap()).sign(time, &body);
        let pairs = signed.to_pairs();
        Self {
            method: "POST",
            path: "/webhook".to_owned(),
            headers: pairs
                .map(|(name, value)| (name.to_owned(), value.into()))
                .into(),
            body,
        }
    }

    /// A failed job whose body has exactly this many bytes.
    pub fn of_size(size: usize) -> Self {
        let frame = Self::for_task("").body.len();
        Self::for_task(&"x".repeat(size - frame))
    }

    /// The same with a changed body.
    pub fn forged(mut self) -> Self {
        self.body.push(b' ');
        self
    }

    pub fn timestamp(&self) -> &str {
        self.value("x-nano-timestamp")
    }

    pub fn signature(&self) -> &str {
        self.value("x-nano-signature")
    }

    fn value(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(header, _)| header == name);
        std::str::from_utf8(&found.unwrap().1).unwrap()
    }

    pub fn method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(header, _)| header != name);
        self
    }

    pub fn with(self, name: &str, value: &str) -> Self {
        self.without(name).header(name, value)
    }

    /// The head, with these lines more, in which `{length}` stands for the body's.
    pub fn head(&self, more: &str) -> Vec<u8> {
        let (method, path) = (self.method, &self.path);
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n").into_bytes();
        for (name, value) in &self.headers {
            head.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        let more = more.replace("{length}", &self.body.len().to_string());
        [&head, more.as_bytes(), b"\r\n"].concat()
    }

    /// The head, with these lines more, and the body.
    pub fn framed(&self, more: &str) -> Vec<u8> {
        [self.head(more), self.body.clone()].concat()
    }

    /// The whole request, with a `Content-Length`.
    pub fn whole(&self) -> Vec<u8> {
        self.framed("content-length: {length}\r\n")
    }

    pub fn chunked(&self, size: usize) -> Vec<u8> {
        self.in_chunks(self.body.chunks(size))
    }

    /// The whole request, in these chunks of its body.
    pub fn in_chunks<'a>(&self, chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
        let mut bytes = self.head("transfer-encoding: chunked\r\n");
        for chunk in chunks {
            bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
            bytes.extend([chunk, b"\r\n"].concat());
        }
        bytes.extend(b"0\r\n\r\n");
        bytes
    }
}

/// A request of which a part, which must be there, is replaced.
pub fn changed(request: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    let request = String::from_utf8(request).unwrap();
    assert!(request.contains(from), "{from:?} is not in {request:?}");
    request.replacen(from, to, 1).into_bytes()
}
