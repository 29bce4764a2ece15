use nano_webhook_core::{Secret, SignedHeaders, Signer, UnixTime};

use crate::settings::Settings;

/// A request's bytes, signed as they should be, to be spoiled by a row.
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
    /// A delivery that a server with the default settings accepts.
    #[must_use]
    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        Self::signed_at(Settings::NOW, body)
    }

    /// The same, signed at another time.
    #[must_use]
    pub fn signed_at(time: UnixTime, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let secret = Settings::default().secrets.remove(0);
        let signed = Signer::new(Secret::new(secret).unwrap()).sign(time, &body);
        Self {
            method: "POST",
            headers: Self::pairs(&signed),
            body,
        }
    }

    /// A failed job with this task.
    #[must_use]
    pub fn for_task(task: &str) -> Self {
        Self::new(format!(r#"{{"event":"job.failed","task_id":"{task}"}}"#))
    }

    /// A failed job whose body has exactly this many bytes.
    pub(crate) fn of_size(size: usize) -> Self {
        let frame = Self::for_task("").body.len();
        let request = Self::for_task(&"x".repeat(size - frame));
        assert_eq!(request.body.len(), size);
        request
    }

    /// The same with a body that somebody has changed on the way.
    pub(crate) fn forged(mut self) -> Self {
        self.body.push(b' ');
        self
    }

    fn pairs(signed: &SignedHeaders) -> Vec<(String, Vec<u8>)> {
        signed
            .to_pairs()
            .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()))
            .into()
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
