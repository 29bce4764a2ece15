use std::fmt;

use bytes::Bytes;
use futures_util::stream;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use http::{Method, StatusCode};
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;
use nano_webhook_core::{Secret, Signer, UnixTime};
use serde_json::Value;

use super::clock::{Offset, measured};
use crate::exit::Failure;
use crate::http::{Answer, Body, Target, status_text};
use crate::text::shortened;

/// What a receiver answers to a signed body that is no event.
const PROOF: &str = "invalid_event";

/// Sends probes to the receiver.
pub(super) struct Prober<'t> {
    pub(super) target: &'t Target,
    signer: Signer,
    /// As the last answer shows it.
    pub(super) clock: Option<Offset>,
    /// The status of a signed probe, from a receiver that does not answer as this
    /// library does.
    accepted: Option<StatusCode>,
}

/// What an answer to a probe says.
pub(super) enum Verdict {
    /// The signature matched.
    Signed,
    /// A rejection of a receiver of this library.
    Rejected {
        status: StatusCode,
        code: String,
        detail: String,
    },
    /// Not the answer of such a receiver.
    Foreign {
        status: StatusCode,
        kind: String,
        location: Option<String>,
    },
    NoAnswer(String),
}

/// How the body of a probe travels.
#[derive(Clone, Copy)]
pub(super) enum Parts {
    One,
    /// With `Transfer-Encoding: chunked`, in chunks of so many bytes.
    Of(usize),
}

impl<'t> Prober<'t> {
    pub(super) fn new(target: &'t Target, secret: &Secret) -> Self {
        Self {
            target,
            signer: Signer::new(secret.clone()),
            clock: None,
            accepted: None,
        }
    }

    pub(super) async fn get(&mut self, target: &Target) -> Result<Answer, Failure> {
        self.exchange(target.send(Method::GET, &HeaderMap::new(), Body::default()))
            .await
    }

    /// A correctly signed probe.
    pub(super) async fn send(&mut self, body: String, parts: Parts) -> Verdict {
        let body = Bytes::from(body);
        let signer = self.signer.clone();
        self.send_signed(&signer, &body.clone(), body, parts).await
    }

    /// A probe whose signature another key makes, or is over another body.
    pub(super) async fn send_signed(
        &mut self,
        signer: &Signer,
        signed: &[u8],
        body: Bytes,
        parts: Parts,
    ) -> Verdict {
        let Ok(headers) = headers(signer, self.now(), signed) else {
            return Verdict::NoAnswer("no header can carry the signature".to_owned());
        };
        let body = match parts {
            Parts::One => Full::new(body).boxed_unsync(),
            Parts::Of(size) => {
                let chunks: Vec<_> = (body.chunks(size))
                    .map(|chunk| Ok(Frame::data(Bytes::copy_from_slice(chunk))))
                    .collect();
                StreamBody::new(stream::iter(chunks)).boxed_unsync()
            }
        };
        let target = self.target;
        match self
            .exchange(target.send(Method::POST, &headers, body))
            .await
        {
            Ok(answer) => self.judge(&answer),
            Err(failure) => Verdict::NoAnswer(failure.message),
        }
    }

    /// From here on this status means that the signature matched.
    pub(super) fn learn(&mut self, status: StatusCode) {
        self.accepted = Some(status);
    }

    async fn exchange(
        &mut self,
        answer: impl Future<Output = Result<Answer, Failure>>,
    ) -> Result<Answer, Failure> {
        let (answer, offset) = measured(answer).await;
        self.clock = offset.or(self.clock);
        answer
    }

    /// By the receiver's clock, where it is known to differ: a wrong clock must not hide
    /// what else is wrong.
    fn now(&self) -> UnixTime {
        let ahead = self.clock.and_then(Offset::noticeable).unwrap_or_default();
        let millis = UnixTime::now().as_millis().saturating_add_signed(ahead);
        UnixTime::from_millis(millis)
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        let status = answer.status;
        let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let text = |name| problem.get(name).and_then(Value::as_str);
        let header = |name| {
            let value: Option<&HeaderValue> = answer.headers.get(name);
            value.map(|value| shortened(&String::from_utf8_lossy(value.as_bytes()), 200))
        };
        let kind = header(CONTENT_TYPE).unwrap_or_default();
        match text("code").filter(|_| kind.starts_with("application/problem+json")) {
            Some(PROOF) => Verdict::Signed,
            Some(code) => Verdict::Rejected {
                status,
                code: shortened(code, 60),
                detail: shortened(text("detail").unwrap_or_default(), 200),
            },
            None if self.accepted == Some(status) => Verdict::Signed,
            None => Verdict::Foreign {
                status,
                kind,
                location: header(LOCATION),
            },
        }
    }
}

fn headers(signer: &Signer, now: UnixTime, signed: &[u8]) -> Result<HeaderMap, http::Error> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in signer.sign(now, signed).to_pairs() {
        let mut value = HeaderValue::from_str(value)?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

impl Verdict {
    pub(super) fn is_signed(&self) -> bool {
        matches!(self, Self::Signed)
    }

    /// The code of a rejection.
    pub(super) fn code(&self) -> &str {
        match self {
            Self::Rejected { code, .. } => code,
            _ => "",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed => f.write_str("the signature matched"),
            Self::Rejected {
                status,
                code,
                detail,
            } => {
                write!(f, "{} {code}: {detail}", status_text(status.as_u16()))
            }
            Self::Foreign {
                status,
                kind,
                location,
            } => {
                write!(f, "{}", status_text(status.as_u16()))?;
                if let Some(location) = location {
                    write!(f, " to {location}")?;
                }
                match kind.is_empty() {
                    true => Ok(()),
                    false => write!(f, " ({kind})"),
                }
            }
            Self::NoAnswer(message) => f.write_str(message),
        }
    }
}
