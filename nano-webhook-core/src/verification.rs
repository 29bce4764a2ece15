use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;

use crate::delivery::Delivery;
use crate::error::{Failure, MismatchClues, WebhookError};
use crate::head::SignedHead;
use crate::keyring::{Authentic, Keyring, MatchedSecret};
use crate::mac::MacState;
use crate::metrics::{self, Arrival, Stopwatch};

/// A verification in progress: the head is accepted, the body is not read yet.
///
/// A body in one chunk is kept as received and never copied. From the second
/// chunk on, they are hashed as they arrive, so that a large body does not block
/// its thread at its end. A `Content-Length` reserves no memory.
///
/// ```
/// use nano_webhook_core::{Bytes, Secret, Signer, UnixTime, Verifier};
///
/// # let body = r#"{"event":"job.failed","task_id":"task_1"}"#;
/// # let now = UnixTime::from_secs(1_734_948_000);
/// # let headers = Signer::new(Secret::new("0123456789abcdef")?).sign(now, body.as_bytes());
/// let verifier = Verifier::new(Secret::new("0123456789abcdef")?);
/// let mut verification = verifier.begin(&headers.to_pairs(), now)?;
/// for chunk in body.as_bytes().chunks(10) {
///     verification.push(Bytes::copy_from_slice(chunk))?;
/// }
/// let delivery = verification.finish()?;
/// assert_eq!(delivery.event().name(), "job.failed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "nothing is verified before `finish` or `receive`"]
pub struct Verification {
    keys: Arc<Keyring>,
    head: SignedHead,
    body: Body,
    arrival: Arrival,
}

enum Body {
    One(Bytes),
    Many(BytesMut, Box<MacState>),
}

impl Verification {
    pub(crate) fn new(keys: Arc<Keyring>, head: SignedHead, arrival: Arrival) -> Self {
        Self {
            keys,
            head,
            body: Body::One(Bytes::new()),
            arrival,
        }
    }

    /// Takes the next chunk of the body.
    ///
    /// # Errors
    /// `BodyTooLarge` as soon as the body exceeds the body limit.
    pub fn push(&mut self, chunk: Bytes) -> Result<(), WebhookError> {
        let limit = self.keys.rules.body_limit;
        if chunk.len() > limit.saturating_sub(self.body_len()) {
            return Err(Failure::TooLarge {
                limit: Some(limit),
                announced: None,
            }
            .into());
        }
        match &mut self.body {
            Body::One(first) if first.is_empty() => *first = chunk,
            Body::One(_) if chunk.is_empty() => {}
            Body::One(first) => {
                let mut chunks = BytesMut::with_capacity(first.len().saturating_add(chunk.len()));
                let mut hashed = Box::new(self.keys.start(&self.head));
                for part in [&*first, &chunk] {
                    chunks.extend_from_slice(part);
                    hashed.update(part);
                }
                self.body = Body::Many(chunks, hashed);
            }
            Body::Many(chunks, hashed) => {
                chunks.extend_from_slice(&chunk);
                hashed.update(&chunk);
            }
        }
        Ok(())
    }

    /// Verifies the signature, and only then parses the event.
    ///
    /// # Errors
    /// `SignatureMismatch`, or `InvalidEvent` for a body that is correctly signed
    /// but lacks what a handler needs.
    pub fn finish(self) -> Result<Delivery, WebhookError> {
        let (arrival, took) = (self.arrival, Stopwatch::start());
        let delivery = Delivery::from_verified(self.authentic()?)?;
        metrics::verified(&delivery, arrival, took);
        Ok(delivery)
    }

    /// Which secret signed the body. For tools that show deliveries and do not
    /// handle them: it logs and counts nothing.
    #[doc(hidden)]
    #[must_use]
    pub fn matched_secret(self) -> Option<MatchedSecret> {
        self.authentic().ok().map(|signed| signed.secret)
    }

    fn authentic(self) -> Result<Authentic, WebhookError> {
        let Self {
            keys, head, body, ..
        } = self;
        let signed = match body {
            Body::One(body) => keys.verify_whole(&head, body),
            Body::Many(chunks, hashed) => keys.verify(*hashed, &head, chunks.freeze()),
        };
        signed
            .or_else(|body| verify_reserialized(&keys, &head, body))
            .map_err(|body| {
                let clues = MismatchClues {
                    secrets: keys.len(),
                    decorated_secret: keys.decorated,
                    body_len: body.len(),
                    reformatted_body: body.contains(&b'\n')
                        || body.last().is_some_and(u8::is_ascii_whitespace),
                };
                Failure::Mismatch(clues).into()
            })
    }

    /// Reads the body to its end, within the body timeout, and verifies it.
    ///
    /// `chunks` is the **raw** body: look for a framework that decompresses by
    /// itself. `sleep` is the runtime's timer. It is called once, and only for a
    /// body that did not come with its head.
    ///
    /// # Errors
    /// `BodyTimeout`, any error of `chunks`, and those of [`push`](Self::push) and
    /// [`finish`](Self::finish).
    pub async fn receive<T: Future<Output = ()>>(
        mut self,
        chunks: impl Stream<Item = Result<Bytes, WebhookError>>,
        sleep: impl FnOnce(Duration) -> T,
    ) -> Result<Delivery, WebhookError> {
        let after = self.keys.rules.body_timeout;
        let (mut chunks, mut sleep) = (pin!(chunks), Some(sleep));
        let mut deadline = pin!(None);
        // Servers hand over even a complete body at the second poll only, and a body
        // that arrived with its head needs no timer.
        let mut polled = false;
        poll_fn(|cx| {
            while let Poll::Ready(chunk) = chunks.as_mut().poll_next(cx) {
                match chunk {
                    Some(chunk) => self.push(chunk?)?,
                    None => return Poll::Ready(Ok(())),
                }
            }
            if !std::mem::replace(&mut polled, true) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if let Some(sleep) = sleep.take() {
                deadline.set(Some(sleep(after)));
            }
            if let Some(deadline) = deadline.as_mut().as_pin_mut() {
                ready!(deadline.poll(cx));
            }
            Poll::Ready(Err(WebhookError::from(Failure::Timeout(after))))
        })
        .await?;
        self.finish()
    }

    fn body_len(&self) -> usize {
        match &self.body {
            Body::One(chunk) => chunk.len(),
            Body::Many(chunks, _) => chunks.len(),
        }
    }
}

/// Tries the text that the provider's snippet would have hashed. If it matches, it
/// becomes the delivery's body, because it is what was signed.
#[cfg(feature = "reserialized")]
fn verify_reserialized(keys: &Keyring, head: &SignedHead, body: Bytes) -> Result<Authentic, Bytes> {
    if !keys.rules.accept_reserialized {
        return Err(body);
    }
    match crate::reserialize(&body, keys.rules.body_limit) {
        Ok(text) if text != *body => (keys.verify_whole(head, Bytes::from(text))).map_err(|_| body),
        _ => Err(body),
    }
}

#[cfg(not(feature = "reserialized"))]
fn verify_reserialized(_: &Keyring, _: &SignedHead, body: Bytes) -> Result<Authentic, Bytes> {
    Err(body)
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification")
            .field("signed_at", &self.head.signed_at)
            .field("body_len", &self.body_len())
            .finish_non_exhaustive()
    }
}
