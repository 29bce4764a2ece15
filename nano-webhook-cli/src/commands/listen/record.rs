use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use nano_webhook_core::{Delivery, MatchedSecret, UnixTime, WebhookError};
use serde_json::{Value, json};

use crate::commands::verify::Rejection;
use crate::headers::HeaderList;

/// The body of a request.
#[derive(Clone, Debug, Default)]
pub(super) struct RawBody {
    pub(super) bytes: Bytes,
    /// Whether that is all of it.
    pub(super) is_complete: bool,
}

/// One request, and how it was answered.
pub(super) struct Record {
    /// Counts from 1.
    pub(super) id: u64,
    pub(super) received_at: UnixTime,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: HeaderList,
    pub(super) body: RawBody,
    pub(super) verdict: Verdict,
    /// An earlier accepted delivery of the same event and task.
    pub(super) repeat_of: Option<u64>,
    /// What it is, if `listen` itself sent it.
    pub(super) note: Option<String>,
    pub(super) answer: Option<Response<Bytes>>,
    /// From the arrival of the head to the answer.
    pub(super) took: Option<Duration>,
    pub(super) forwarded: Option<Forwarded>,
    pub(super) saved: Option<Result<PathBuf, String>>,
}

pub(super) enum Verdict {
    InProgress,
    Accepted(Delivery),
    Rejected {
        error: WebhookError,
        /// Event and task by the body, which is not verified.
        claims: (Option<String>, Option<String>),
        /// Why, where more is known than the error says.
        explained: Option<Rejection>,
    },
}

/// How the service under development answered.
pub(super) enum Forwarded {
    Answered {
        status: u16,
        /// The beginning of the body.
        body: String,
        elapsed: Duration,
    },
    Failed {
        problem: String,
    },
}

impl Record {
    /// Of a request whose head has arrived.
    pub(super) fn new(id: u64, received_at: UnixTime, head: &Parts) -> Self {
        let headers = head.headers.iter();
        Self {
            id,
            received_at,
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
                .collect(),
            body: RawBody::default(),
            verdict: Verdict::InProgress,
            repeat_of: None,
            note: None,
            answer: None,
            took: None,
            forwarded: None,
            saved: None,
        }
    }

    pub(super) fn is_accepted(&self) -> bool {
        matches!(self.verdict, Verdict::Accepted(_))
    }

    pub(super) fn code(&self) -> Option<&'static str> {
        match &self.verdict {
            Verdict::InProgress | Verdict::Accepted(_) => None,
            Verdict::Rejected { error, .. } => Some(error.code()),
        }
    }

    /// Event and task.
    pub(super) fn label(&self) -> (Option<&str>, Option<&str>) {
        match &self.verdict {
            Verdict::InProgress => (None, None),
            Verdict::Accepted(delivery) => {
                (Some(delivery.event().name()), delivery.event().task_id())
            }
            Verdict::Rejected { claims, .. } => (claims.0.as_deref(), claims.1.as_deref()),
        }
    }

    /// The status of the answer.
    pub(super) fn status(&self) -> Option<u16> {
        let answer = self.answer.as_ref();
        answer.map(|answer| answer.status().as_u16())
    }

    pub(super) fn matched_secret(&self) -> Option<&'static str> {
        match &self.verdict {
            Verdict::Accepted(delivery) => Some(match delivery.secret() {
                MatchedSecret::Current => "current",
                MatchedSecret::Previous => "previous",
            }),
            _ => None,
        }
    }

    /// For scripts. It contains neither a signature nor a secret.
    pub(super) fn to_json(&self) -> Value {
        let (event, task_id) = self.label();
        let (mut signed_at, mut problem, mut explained) = (None, None, None);
        match &self.verdict {
            Verdict::InProgress => {}
            Verdict::Accepted(delivery) => signed_at = Some(delivery.signed_at()),
            Verdict::Rejected {
                error,
                explained: found,
                ..
            } => (problem, explained) = (Some(error.to_string()), found.as_ref()),
        }
        json!({
            "type": "delivery",
            "id": self.id,
            "received_at_ms": self.received_at.as_millis(),
            "path": self.path,
            "accepted": self.is_accepted(),
            "status": self.status(),
            "event": event,
            "task_id": task_id,
            "repeat_of": self.repeat_of,
            "note": self.note,
            "signed_at_ms": signed_at.map(UnixTime::as_millis),
            "age_ms": signed_at.map(|signed_at| self.age_ms(signed_at)),
            "matched_secret": self.matched_secret(),
            "body_bytes": self.body.bytes.len(),
            "body_complete": self.body.is_complete,
            "code": self.code(),
            "problem": problem,
            "cause": explained.and_then(|explained| explained.causes.first()).map(|cause| cause.code),
            "explanation": explained.map(|explained| &explained.explanation),
            "forwarded": self.forwarded.as_ref().map(Forwarded::to_json),
            "saved": self.saved.as_ref().and_then(|saved| saved.as_ref().ok()),
        })
    }

    /// Negative if the timestamp is ahead of the receiver's clock.
    fn age_ms(&self, signed_at: UnixTime) -> i64 {
        let millis = |time: UnixTime| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        millis(self.received_at).saturating_sub(millis(signed_at))
    }
}

impl Forwarded {
    fn to_json(&self) -> Value {
        match self {
            Self::Answered {
                status,
                body,
                elapsed,
            } => json!({
                "status": status,
                "body": body,
                "duration_ms": elapsed.as_secs_f64() * 1e3,
            }),
            Self::Failed { problem } => json!({ "problem": problem }),
        }
    }
}
