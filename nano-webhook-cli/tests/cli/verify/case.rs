use crate::support::sign::{mac, signature};
use crate::support::{Run, SECRET, nano_webhook};

pub(super) const TIMESTAMP: &str = "1734948000";

pub(super) const BODY: &str = r#"{"event":"job.completed","task_id":"task_é","task_type":"image","status":"completed","data":{"url":"https://cdn.example.com/a.png?x=1&y=2","credits_charged":6},"timestamp":"2024-12-23T10:00:00Z"}"#;

/// What is given to the program, and what it has to find.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) secret: String,
    pub(super) timestamp: String,
    pub(super) signature: String,
    pub(super) body: Vec<u8>,
    pub(super) now: String,
    pub(super) more: Vec<String>,
    pub(super) causes: Vec<&'static str>,
    pub(super) code: &'static str,
}

/// A delivery as it should be, of which one thing is wrong then.
pub(super) fn mistake(causes: &[&'static str]) -> Case {
    Case {
        secret: SECRET.to_owned(),
        timestamp: TIMESTAMP.to_owned(),
        signature: signature(SECRET, TIMESTAMP, BODY),
        body: BODY.as_bytes().to_vec(),
        now: TIMESTAMP.to_owned(),
        more: Vec::new(),
        causes: causes.to_vec(),
        code: "signature_mismatch",
    }
}

impl Case {
    /// What the user has as the secret.
    pub(super) fn given_secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = secret.into();
        self
    }

    /// What the sender has as the secret.
    pub(super) fn key(mut self, key: impl AsRef<[u8]>) -> Self {
        self.signature = signature(key, TIMESTAMP, BODY);
        self
    }

    pub(super) fn given_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(super) fn signed_body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.signature = signature(SECRET, TIMESTAMP, body);
        self
    }

    pub(super) fn signed_message(mut self, message: impl AsRef<[u8]>) -> Self {
        self.signature = format!("v1={}", mac(SECRET, message));
        self
    }

    pub(super) fn signed_timestamp(mut self, timestamp: &str) -> Self {
        self.signature = signature(SECRET, timestamp, BODY);
        self
    }

    pub(super) fn given_timestamp(mut self, timestamp: &str) -> Self {
        self.timestamp = timestamp.to_owned();
        self
    }

    /// Timestamp and signature agree.
    pub(super) fn timestamp(self, timestamp: &str) -> Self {
        self.given_timestamp(timestamp).signed_timestamp(timestamp)
    }

    pub(super) fn signature(mut self, change: impl Fn(&str) -> String) -> Self {
        let digits = self.signature.strip_prefix("v1=").unwrap();
        self.signature = change(digits);
        self
    }

    pub(super) fn now(mut self, now: &str) -> Self {
        self.now = now.to_owned();
        self
    }

    pub(super) fn code(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }

    pub(super) fn run(&self, json: bool) -> Run {
        let folder = tempfile::tempdir().unwrap();
        let body = folder.path().join("body");
        std::fs::write(&body, &self.body).unwrap();
        let mut program = nano_webhook();
        program
            .env("NANO_WEBHOOK_SECRET", &self.secret)
            .args(["verify", "--now", &self.now, "--timestamp", &self.timestamp])
            .args(["--signature", &self.signature, "--body"])
            .arg(body)
            .args(&self.more);
        if json {
            program.arg("--json");
        }
        Run::of(&mut program)
    }
}
