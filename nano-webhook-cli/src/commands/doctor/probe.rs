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
            return Verdict::none("no header can carry the signature".to_owned());
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
            shortened(
                problem
                    .get(name)
                    .and_then(Value::as_str)
                    .unwrap_or_default(),
                200,
            )
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
    pub(super) fn none(why: String) -> Self {
        Self {
            is_signed: false,
            status: None,
            code: String::new(),
            text: why,
        }
    }
}
