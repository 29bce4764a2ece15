//! The smallest receiver on hyper that is as it should be: what an adapter has to
//! do, with core doing the rest. And, on request, one that is not.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use nano_webhook_conformance::{Probe, Server, Settings, Target, event_json};
use nano_webhook_core::dedupe::{Dedupe, Processed};
use nano_webhook_core::{
    Delivery, HeaderField, MatchedSecret, RequestHeaders, Secret, Signer, Verification, Verifier,
    WebhookError,
};
use tokio::time::timeout;

use crate::fault::Fault;
use crate::serve::serve;

pub(crate) type Answer = Response<Full<Bytes>>;

/// The receiver, and what is wrong with it.
#[derive(Clone, Copy)]
pub(crate) struct Reference {
    fault: Option<Fault>,
    patience: Duration,
}

impl Default for Reference {
    fn default() -> Self {
        Self {
            fault: None,
            patience: Duration::from_secs(30),
        }
    }
}

impl Reference {
    pub(crate) fn with(fault: Fault, patience: Duration) -> Self {
        Self {
            fault: Some(fault),
            patience,
        }
    }

    fn is(self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }
}

impl Target for Reference {
    async fn start(&self, settings: Settings) -> Server {
        let receiver = Receiver::new(*self, settings);
        serve(move |request| receiver.clone().answer(request, Handler::Echo)).await
    }

    async fn start_unconfigured(&self) -> Server {
        let reference = *self;
        serve(move |request: Request<Incoming>| {
            let error = WebhookError::NotConfigured { remedy: "verify" };
            std::future::ready(match reference.is(Fault::OpenByDefault) {
                true => Response::default(),
                false => reference.refuse(&error, request.version()),
            })
        })
        .await
    }

    async fn start_with_dedupe(&self, settings: Settings, dedupe: Dedupe, probe: Probe) -> Server {
        let receiver = Receiver::new(*self, settings);
        let dedupe = match self.is(Fault::AlwaysOpen) {
            true => dedupe.fail_open(),
            false => dedupe,
        };
        serve(move |request| {
            let handler = Handler::Probe(dedupe.clone(), probe.clone());
            receiver.clone().answer(request, handler)
        })
        .await
    }

    fn patience(&self) -> Duration {
        self.patience
    }
}

/// What is called with a delivery.
enum Handler {
    Echo,
    Probe(Dedupe, Probe),
}

#[derive(Clone)]
struct Receiver {
    reference: Reference,
    settings: Settings,
    verifier: Verifier,
}

impl Receiver {
    fn new(reference: Reference, mut settings: Settings) -> Self {
        if reference.is(Fault::NoLimit) || reference.is(Fault::CutsAtLimit) {
            settings.options.max_body_bytes = Some(1 << 30);
        }
        if reference.is(Fault::NoDeadline) {
            settings.body_timeout = Duration::from_secs(3600);
        }
        let verifier = settings.verifier();
        Self {
            reference,
            settings,
            verifier,
        }
    }

    fn is(&self, fault: Fault) -> bool {
        self.reference.is(fault)
    }

    async fn answer(self, request: Request<Incoming>, handler: Handler) -> Answer {
        let version = request.version();
        let headers = request.headers().clone();
        match self.receive(request).await {
            Ok(delivery) => self.handle(delivery, handler, version).await,
            Err(error) => {
                let mut answer = self.reference.refuse(&error, version);
                self.tell_too_much(&error, &headers, &mut answer);
                if self.is(Fault::ClaimsUnverified)
                    && let Handler::Probe(dedupe, _) = handler
                    && let WebhookError::SignatureMismatch { .. } = error
                {
                    claim_forgery(&dedupe).await;
                }
                answer
            }
        }
    }

    /// Head, body, verdict.
    async fn receive(&self, request: Request<Incoming>) -> Result<Delivery, WebhookError> {
        let (head, body) = request.into_parts();
        let headers = Headers(&head.headers, self.reference);
        if self.is(Fault::ReadsBodyFirst) {
            let body = body.collect().await.map_err(incomplete)?.to_bytes();
            return self.verifier.verify(&headers, body, self.verifier.now());
        }
        let verification = match self.verifier.begin(&headers, self.verifier.now()) {
            Err(error) if self.is(Fault::KeepsUnread) => {
                std::mem::forget(body);
                return Err(error);
            }
            begun => begun?,
        };
        let after = verification.body_timeout();
        if self.is(Fault::DeadlinePerChunk) {
            return self.pump(verification, body, after).await;
        }
        let forever = Duration::from_secs(3600);
        timeout(after, self.pump(verification, body, forever))
            .await
            .unwrap_or(Err(WebhookError::BodyTimeout { after }))
    }

    async fn pump(
        &self,
        mut verification: Verification,
        mut body: Incoming,
        each: Duration,
    ) -> Result<Delivery, WebhookError> {
        let mut left = 1000;
        let mut read = Vec::new();
        loop {
            let frame = match timeout(each, body.frame()).await {
                Err(_) => return Err(WebhookError::BodyTimeout { after: each }),
                Ok(None) => break,
                Ok(Some(Err(_))) if self.is(Fault::HalfIsWhole) => break,
                Ok(Some(Err(error))) if self.is(Fault::PanicsOnBody) => panic!("{error}"),
                Ok(Some(frame)) => frame.map_err(incomplete)?,
            };
            // Trailers are not signed, and not read.
            let Ok(mut data) = frame.into_data() else {
                continue;
            };
            if self.is(Fault::CutsAtLimit) {
                data.truncate(left);
                left -= data.len();
            }
            read.extend_from_slice(&data);
            match verification.push(data) {
                Err(error) if self.is(Fault::PanicsOnBody) => panic!("{error}"),
                pushed => pushed?,
            }
        }
        let delivery = verification.finish()?;
        if self.is(Fault::UnsignedBody) {
            return Delivery::assume_verified(read, delivery.signed_at(), delivery.secret());
        }
        Ok(delivery)
    }

    async fn handle(&self, delivery: Delivery, handler: Handler, version: Version) -> Answer {
        let (dedupe, probe) = match handler {
            Handler::Echo => {
                let body = event_json(&delivery).to_string();
                return Response::new(Full::from(body));
            }
            Handler::Probe(dedupe, probe) => (dedupe, probe),
        };
        let reference = self.reference;
        if reference.is(Fault::NoClaims) {
            return status(probe.handle(&delivery).await);
        }
        let handled = async move {
            let processed = dedupe
                .process(
                    &delivery,
                    tokio::time::sleep,
                    async |_| probe.handle(&delivery).await,
                    |status| match reference.fault {
                        Some(Fault::AlwaysCompletes) => true,
                        Some(Fault::NeverCompletes) => false,
                        _ => (200..300).contains(status),
                    },
                )
                .await;
            match processed {
                Processed::Handled { output, .. } => status(output),
                Processed::Duplicate if reference.is(Fault::Conflict) => status(409),
                Processed::Duplicate => status(200),
                Processed::Refused(error) => reference.refuse(&error, version),
            }
        };
        if reference.is(Fault::HurriesHandler) {
            let deadline = self.verifier.body_timeout();
            return timeout(deadline, handled)
                .await
                .unwrap_or_else(|_| status(408));
        }
        if reference.is(Fault::DropsHandler) {
            return handled.await;
        }
        // A task of its own: a client that hangs up does not cut it off.
        match tokio::spawn(handled).await {
            Ok(answer) => answer,
            Err(ended) => std::panic::resume_unwind(ended.into_panic()),
        }
    }

    fn tell_too_much(&self, error: &WebhookError, headers: &HeaderMap, answer: &mut Answer) {
        let text = match self.reference.fault {
            Some(Fault::TellsSecret) => self.settings.secrets.concat(),
            Some(Fault::TellsMac) if error.code() == "signature_mismatch" => {
                let secret = Secret::new(self.settings.secrets.concat()).unwrap();
                let timestamp = headers["x-nano-timestamp"].to_str().unwrap();
                let signed = Signer::new(&secret).sign_with_timestamp(timestamp, b"body");
                signed.signature().to_owned()
            }
            _ => return,
        };
        answer
            .headers_mut()
            .insert("x-hint", HeaderValue::from_str(&text).unwrap());
    }
}

impl Reference {
    /// Core's answer, field by field.
    fn refuse(self, error: &WebhookError, version: Version) -> Answer {
        let problem = error.response();
        let mut answer = status(match self.is(Fault::OneStatus) {
            true => 400,
            false => problem.status,
        });
        let headers = answer.headers_mut();
        let content_type = match self.is(Fault::PlainText) {
            true => "text/plain",
            false => problem.content_type,
        };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Some(challenge) = problem.www_authenticate
            && !self.is(Fault::NoChallenge)
        {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Some(seconds) = problem.retry_after
            && !self.is(Fault::NoRetryAfter)
        {
            let down = u64::from(self.is(Fault::RoundsDown));
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds - down));
        }
        let close = match self.fault {
            Some(Fault::KeepsConnection) => false,
            Some(Fault::ClosesAlways) => true,
            _ => problem.close,
        };
        if close && version <= Version::HTTP_11 {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        *answer.body_mut() = Full::from(problem.body);
        answer
    }
}

fn status(status: u16) -> Answer {
    let mut answer = Answer::default();
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    answer
}

fn incomplete(error: hyper::Error) -> WebhookError {
    WebhookError::BodyIncomplete {
        source: Arc::new(error),
    }
}

/// As if the body that nobody signed were a delivery.
async fn claim_forgery(dedupe: &Dedupe) {
    let body = r#"{"event":"job.failed","task_id":"task"}"#;
    let time = Settings::NOW;
    let forged = Delivery::assume_verified(body, time, MatchedSecret::Current).unwrap();
    let sleep = tokio::time::sleep;
    let handler = async |_| ();
    dedupe.process(&forged, sleep, handler, |()| true).await;
}

/// `http`'s header map in core's terms.
struct Headers<'a>(&'a HeaderMap, Reference);

impl RequestHeaders for Headers<'_> {
    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let Self(headers, reference) = self;
        let is = |name: &HeaderName, field: HeaderField| name == field.name();
        let most = match reference.is(Fault::FirstHeaderWins) {
            true => 1,
            false => usize::MAX,
        };
        let ignored = move |name: &&HeaderName| {
            let no_length =
                reference.is(Fault::IgnoresLength) || reference.is(Fault::ReadsBodyFirst);
            (no_length && is(name, HeaderField::ContentLength))
                || (reference.is(Fault::IgnoresEncoding) && is(name, HeaderField::ContentEncoding))
        };
        (headers.keys().filter(move |name| !ignored(name))).flat_map(move |name| {
            let lenient = reference.is(Fault::LenientSignature) && is(name, HeaderField::Signature);
            (headers.get_all(name).into_iter().take(most)).map(move |value| match lenient {
                true => (name.as_str(), lower_case(value.as_bytes())),
                false => (name.as_str(), value.as_bytes()),
            })
        })
    }
}

/// Leaked, since the trait lends what it gives. This is a fault, and a test.
fn lower_case(value: &[u8]) -> &'static [u8] {
    value.trim_ascii().to_ascii_lowercase().leak()
}
