use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use nano_webhook_core::{Delivery, MatchedSecret, UnixTime, WebhookError};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::commands::send;
use crate::commands::verify::Rejection;
use crate::headers::{HeaderList, latin1_bytes, latin1_text, to_list};

/// What is printed of a delivery and stored: neither a signature nor a secret.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Facts {
    pub(super) received_at_ms: u64,
    pub(super) path: String,
    #[serde(default = "yes")]
    pub(super) body_complete: bool,
    /// `None` while it is in progress.
    pub(super) accepted: Option<bool>,
    /// The code of the rejection.
    pub(super) code: Option<String>,
    pub(super) problem: Option<String>,
    /// Why it was rejected, where more is known than the problem says.
    pub(super) explanation: Option<String>,
    pub(super) matched_secret: Option<String>,
    /// An earlier accepted delivery of the same event and task.
    pub(super) repeat_of: Option<u64>,
    /// What it is, if `listen` itself sent it.
    pub(super) note: Option<String>,
    /// The status of the answer.
    pub(super) status: Option<u16>,
}

/// One request, and how it was answered. Serialised, it is what is stored in addition to
/// the body.
#[derive(Default, Deserialize, Serialize)]
pub(super) struct Record {
    #[serde(flatten)]
    pub(super) facts: Facts,
    pub(super) method: String,
    #[serde(serialize_with = "to_latin1", deserialize_with = "from_latin1")]
    pub(super) headers: HeaderList,
    #[serde(default)]
    pub(super) hints: Vec<String>,
    /// From the arrival of the head to the answer.
    pub(super) duration_ms: Option<f64>,
    /// Counts from 1.
    #[serde(skip)]
    pub(super) id: u64,
    #[serde(skip)]
    pub(super) body: Bytes,
    /// Event and task; if it was rejected, as the body names them.
    #[serde(skip)]
    pub(super) label: (Option<String>, Option<String>),
    #[serde(skip)]
    pub(super) signed_at: Option<UnixTime>,
    #[serde(skip)]
    pub(super) error: Option<WebhookError>,
    /// The code of the first cause.
    #[serde(skip)]
    pub(super) cause: Option<&'static str>,
    #[serde(skip)]
    pub(super) answer: Option<Response<Bytes>>,
    #[serde(skip)]
    pub(super) forwarded: Option<Forwarded>,
    #[serde(skip)]
    pub(super) saved: Option<Result<PathBuf, String>>,
}

/// How the service under development answered.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Forwarded {
    Answered {
        status: u16,
        /// The beginning of the body.
        body: String,
        #[serde(rename = "duration_ms", serialize_with = "to_millis")]
        elapsed: Duration,
    },
    Failed {
        problem: String,
    },
}

impl Record {
    /// Of a request whose head has arrived.
    pub(super) fn new(id: u64, received_at: UnixTime, head: &Parts) -> Self {
        Self {
            id,
            facts: Facts {
                received_at_ms: received_at.as_millis(),
                path: head.uri.path().to_owned(),
                ..Facts::default()
            },
            method: head.method.to_string(),
            headers: to_list(&head.headers),
            ..Self::default()
        }
    }

    pub(super) fn judge(&mut self, verdict: Result<Delivery, WebhookError>) {
        self.facts.accepted = Some(verdict.is_ok());
        match verdict {
            Ok(delivery) => {
                let (event, secret) = (delivery.event(), delivery.secret());
                let task_id = event.task_id().map(str::to_owned);
                self.label = (Some(event.name().to_owned()), task_id);
                self.signed_at = Some(delivery.signed_at());
                let secret = match secret {
                    MatchedSecret::Current => "current",
                    MatchedSecret::Previous => "previous",
                };
                self.facts.matched_secret = Some(secret.to_owned());
            }
            Err(error) => {
                self.label = send::label(&self.body);
                self.facts.code = Some(error.code().to_owned());
                self.facts.problem = Some(error.to_string());
                self.error = Some(error);
            }
        }
    }

    pub(super) fn explain(&mut self, rejection: Rejection) {
        self.cause = rejection.causes.first().map(|cause| cause.code);
        self.facts.explanation = Some(rejection.explanation);
        self.hints = rejection.hints;
    }

    /// For scripts.
    pub(super) fn to_json(&self) -> Value {
        let mut shown = json!(self.facts);
        let more = json!({
            "type": "delivery",
            "id": self.id,
            "event": self.label.0,
            "task_id": self.label.1,
            "signed_at_ms": self.signed_at.map(UnixTime::as_millis),
            "age_ms": self.signed_at.map(|signed_at| self.age_ms(signed_at)),
            "body_bytes": self.body.len(),
            "cause": self.cause,
            "forwarded": self.forwarded,
            "saved": self.saved.as_ref().and_then(|saved| saved.as_ref().ok()),
            "not_saved": self.saved.as_ref().and_then(|saved| saved.as_ref().err()),
        });
        if let (Value::Object(shown), Value::Object(more)) = (&mut shown, more) {
            shown.extend(more);
        }
        shown
    }

    /// Negative if the timestamp is ahead of the receiver's clock.
    fn age_ms(&self, signed_at: UnixTime) -> i64 {
        let millis = |millis| i64::try_from(millis).unwrap_or(i64::MAX);
        millis(self.facts.received_at_ms).saturating_sub(millis(signed_at.as_millis()))
    }
}

fn yes() -> bool {
    true
}

fn to_millis<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64() * 1e3)
}

/// One character for each byte of a value, so nothing is lost.
fn to_latin1<S: Serializer>(headers: &HeaderList, serializer: S) -> Result<S::Ok, S::Error> {
    let pairs = headers.iter();
    serializer.collect_seq(pairs.map(|(name, value)| (name, latin1_text(value))))
}

fn from_latin1<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HeaderList, D::Error> {
    let pairs = Vec::<(String, String)>::deserialize(deserializer)?.into_iter();
    let headers = pairs.filter_map(|(name, value)| Some((name, latin1_bytes(&value)?)));
    Ok(headers.collect())
}
