use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use nano_webhook_core::UnixTime;
use nano_webhook_core::adapter::HeaderField;
use serde::Serialize;
use serde_json::{Value, json};

/// One delivery: what arrived, and how it was answered.
///
/// `Debug` prints neither headers nor body: a signature is as good as the delivery for
/// as long as the tolerance lasts.
#[derive(Clone)]
#[non_exhaustive]
pub struct Record {
    /// Counts the deliveries, from 1.
    pub id: u64,
    /// When the head arrived.
    pub received_at: UnixTime,
    /// The method of the request.
    pub method: String,
    /// The path of the request, without its query.
    pub path: String,
    /// Names and values, in their order.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, byte for byte.
    pub body: Bytes,
    /// Whether the body was longer, or broke off.
    pub body_truncated: bool,
    /// What the receiver decided.
    pub verdict: Verdict,
    /// The stable code of a rejection.
    pub code: Option<String>,
    /// Why it was rejected, in words.
    pub reason: Option<String>,
    /// The event that the body names, verified or not.
    pub event: Option<String>,
    /// The task that the body names, verified or not.
    pub task_id: Option<String>,
    /// Which secret matched: `current` or `previous`.
    pub secret: Option<String>,
    /// The first delivery of the same event and task.
    pub duplicate_of: Option<u64>,
    /// Where it comes from, if the inspector sent it.
    pub note: Option<String>,
    /// What is wrong with a rejected delivery.
    pub cause: Option<Cause>,
    /// The answer.
    pub answer: Option<Answer>,
    /// From the arrival of the head to the answer.
    pub took: Option<Duration>,
    /// The file that holds the body, if it was stored. The head is in a file of the same
    /// name that ends in `.json`. Commands that repeat the delivery name both.
    pub saved: Option<PathBuf>,
}

/// What the receiver decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// Not answered yet.
    #[default]
    InProgress,
    /// The signature was right and the handler succeeded.
    Accepted,
    /// Handled before.
    Duplicate,
    /// Answered by the verification or the deduplication.
    Rejected,
    /// The signature was right, and the handler did not succeed.
    Failed,
}

/// What is wrong with a rejected delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// One sentence.
    pub title: String,
    /// What may be wrong as well.
    pub findings: Vec<String>,
}

/// How a delivery was answered.
#[derive(Clone, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names and values, in their order.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The beginning of the body.
    pub body: Bytes,
}

impl Record {
    /// A delivery whose head arrives now, and of which nothing else is known.
    #[must_use]
    pub fn new(id: u64, received_at: UnixTime) -> Self {
        Self {
            id,
            received_at,
            method: "POST".to_owned(),
            path: "/".to_owned(),
            headers: Vec::new(),
            body: Bytes::new(),
            body_truncated: false,
            verdict: Verdict::InProgress,
            code: None,
            reason: None,
            event: None,
            task_id: None,
            secret: None,
            duplicate_of: None,
            note: None,
            cause: None,
            answer: None,
            took: None,
            saved: None,
        }
    }

    /// Sets the body, and the event and the task that it names.
    pub fn set_body(&mut self, body: Bytes) {
        let document: Value = serde_json::from_slice(&body).unwrap_or_default();
        let text = |name| (document.get(name).and_then(Value::as_str)).map(str::to_owned);
        self.event = text("event");
        self.task_id = text("task_id");
        self.body = body;
    }

    /// Whether the receiver has verified the signature and answers for the event.
    pub(crate) fn is_verified(&self) -> bool {
        matches!(self.verdict, Verdict::Accepted | Verdict::Duplicate)
    }

    /// The value of a signature header that appears exactly once.
    pub(crate) fn signed_header(&self, field: HeaderField) -> Option<&[u8]> {
        let is_it = |(name, _): &&(String, Vec<u8>)| name.eq_ignore_ascii_case(field.name());
        let mut found = self.headers.iter().filter(is_it);
        let (_, value) = found.next()?;
        found.next().is_none().then_some(value)
    }

    /// The time in `X-Nano-Timestamp`, in milliseconds.
    pub(crate) fn signed_at_ms(&self) -> Option<u64> {
        let text = std::str::from_utf8(self.signed_header(HeaderField::Timestamp)?).ok()?;
        match text.parse().ok()? {
            secs @ 0..100_000_000_000_u64 => Some(secs.saturating_mul(1000)),
            millis => Some(millis),
        }
    }

    /// The bytes that it takes, about.
    pub(crate) fn weight(&self) -> usize {
        let headers = |list: &[(String, Vec<u8>)]| -> usize {
            let size = |(name, value): &(String, Vec<u8>)| name.len() + value.len() + 64;
            list.iter().map(size).sum()
        };
        let texts = [&self.event, &self.task_id, &self.reason];
        let texts: usize = texts.into_iter().flatten().map(String::len).sum();
        let answer = self.answer.as_ref();
        let answer = answer.map_or(0, |answer| answer.body.len() + headers(&answer.headers));
        1024 + self.path.len() + self.body.len() + headers(&self.headers) + texts + answer
    }

    /// One line of the list.
    pub(crate) fn summary(&self) -> Value {
        let millis = |time: u64| i64::try_from(time).unwrap_or(i64::MAX);
        let received_at = millis(self.received_at.as_millis());
        let age_ms = (self.signed_at_ms()).map(|signed| received_at.saturating_sub(millis(signed)));
        json!({
            "id": self.id,
            "received_at_ms": self.received_at.as_millis(),
            "verdict": self.verdict,
            "code": self.code,
            "reason": self.reason,
            "event": self.event,
            "task_id": self.task_id,
            "age_s": age_ms.map(|millis| millis as f64 / 1e3),
            "size": self.body.len(),
            "secret": self.secret,
            "status": self.answer.as_ref().map(|answer| answer.status),
            "took_ms": self.took.map(|took| took.as_secs_f64() * 1e3),
            "duplicate_of": self.duplicate_of,
            "note": self.note,
        })
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("id", &self.id)
            .field("verdict", &self.verdict)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
