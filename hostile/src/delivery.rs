use nano_webhook_core::{Secret, Signer, UnixTime};

/// A delivery in the making: the head's lines and the body's bytes, to be sent as
/// they are or after a change.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// `X-Nano-Timestamp`.
    pub timestamp: String,
    /// `X-Nano-Signature`.
    pub signature: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Delivery {
    /// A completed job, signed now.
    #[must_use]
    pub fn completed(secret: &str, task: &str) -> Self {
        let body = format!(
            r#"{{"event":"job.completed","task_id":"{task}","task_type":"image","status":"completed","data":{{"url":"https://cdn.example.com/{task}.png","credits_charged":6}},"timestamp":"2024-12-23T10:00:00Z"}}"#
        );
        Self::signed(secret, body)
    }

    /// A delivery of this body, signed now.
    #[must_use]
    pub fn signed(secret: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let signer = Signer::new(Secret::new(secret).unwrap());
        let signed = signer.sign(UnixTime::now(), &body);
        Self {
            timestamp: signed.timestamp().to_owned(),
            signature: signed.signature().to_owned(),
            body,
        }
    }

    /// The request line and all headers but those that frame the body, each with
    /// its line end.
    #[must_use]
    pub fn head(&self) -> String {
        format!(
            "POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             X-Nano-Timestamp: {}\r\nX-Nano-Signature: {}\r\n",
            self.timestamp, self.signature
        )
    }

    /// All of it, with a `Content-Length`.
    #[must_use]
    pub fn wire(&self) -> Vec<u8> {
        let head = format!("{}Content-Length: {}\r\n\r\n", self.head(), self.body.len());
        [head.as_bytes(), &self.body].concat()
    }
}
