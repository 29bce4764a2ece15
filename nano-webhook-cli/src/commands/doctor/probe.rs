use bytes::Bytes;
use futures_util::stream;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use http::{Method, StatusCode};
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;
use nano_webhook_core::{Secret, Signer, UnixTime};
use serde_json::Value;

use super::clock::{Offset, measured};
use crate::exit::Failure;
use crate::headers;
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
    pub(super) accepted: Option<StatusCode>,
}

/// What an answer to a probe says.
pub(super) struct Verdict {
    /// The signature matched.
    pub(super) is_signed: bool,
    /// `None` if no answer came.
    pub(super) status: Option<StatusCode>,
    /// The code of a rejection; empty if no receiver of this library answered.
    pub(super) code: String,
    pub(super) text: String,
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
    pub(super) async fn send(&mut self, body: String) -> Verdict {
        let signer = self.signer.clone();
        self.send_signed(&signer, &body.clone(), whole(body)).await
    }

    /// With `Transfer-Encoding: chunked`, in chunks of so many bytes.
    pub(super) async fn send_chunked(&mut self, body: &str, size: usize) -> Verdict {
        let chunks: Vec<_> = (body.as_bytes().chunks(size))
            .map(|chunk| Ok(Frame::data(Bytes::copy_from_slice(chunk))))
            .collect();
        let chunked = StreamBody::new(stream::iter(chunks)).boxed_unsync();
        let signer = self.signer.clone();
        self.send_signed(&signer, body, chunked).await
    }

    /// A probe that another secret signs.
    pub(super) async fn send_as(&mut self, secret: Secret, body: String) -> Verdict {
        let signer = Signer::new(secret);
        self.send_signed(&signer, &body.clone(), whole(body)).await
    }

    /// A probe whose signature is over an empty body.
    pub(super) async fn send_unsigned(&mut self, body: String) -> Verdict {
        let signer = self.signer.clone();
        self.send_signed(&signer, "", whole(body)).await
    }

    async fn send_signed(&mut self, signer: &Signer, signed: &str, body: Body) -> Verdict {
        let target = self.target;
        let answer = match headers::signed(signer, self.now(), signed.as_bytes()) {
            Ok(headers) => {
                let answer = target.send(Method::POST, &headers, body);
                self.exchange(answer).await
            }
            Err(failure) => Err(failure),
        };
        match answer {
            Ok(answer) => self.judge(&answer),
            Err(failure) => Verdict::none(failure.message),
        }
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
        let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let member = |name| {
            let text = problem.get(name).and_then(Value::as_str);
            shortened(text.unwrap_or_default(), 200)
        };
        let header = |name| {
            let value: Option<&HeaderValue> = answer.headers.get(name);
            value.map(|value| shortened(&String::from_utf8_lossy(value.as_bytes()), 200))
        };
        let kind = header(CONTENT_TYPE).unwrap_or_default();
        let is_ours = kind.starts_with("application/problem+json");
        let code = if is_ours {
            member("code")
        } else {
            String::new()
        };
        let status = status_text(answer.status.as_u16());
        let text = match (code.is_empty(), header(LOCATION)) {
            (false, _) => format!("{status} {code}: {}", member("detail")),
            (true, Some(location)) => format!("{status} to {location}"),
            (true, None) => format!("{status} {kind}"),
        };
        Verdict {
            is_signed: code == PROOF || code.is_empty() && self.accepted == Some(answer.status),
            status: Some(answer.status),
            code,
            text,
        }
    }
}

fn whole(body: String) -> Body {
    Full::from(body).boxed_unsync()
}

impl Verdict {
    pub(super) fn none(why: String) -> Self {
        Self {
            is_signed: false,
            status: None,
            code: String::new(),
            text: why,
        }
    }
}
