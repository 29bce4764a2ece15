use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::body::ReceivedBody;
use crate::delivery::Delivery;
use crate::error::{ConfigError, MismatchClues, WebhookError};
use crate::headers::{Fields, RequestHeaders, SignatureHeaders};
use crate::secret::{Secret, SecretWarning};
use crate::signature::{Authentic, Keyring};
use crate::timestamp::{OutOfTolerance, Tolerance, UnixTime};

#[cfg(feature = "clock")]
type Clock = dyn Fn() -> UnixTime + Send + Sync;

/// Decides whether a request is a delivery that the provider signed.
///
/// It holds the secrets, the tolerance and the limits. A clone is cheap and
/// shares them.
///
/// ```
/// use nano_webhook_core::{Secret, UnixTime, Verifier, WebhookEvent};
///
/// let verifier = Verifier::new(Secret::new("your-secret-key-of-some-length")?);
///
/// let headers = [
///     ("X-Nano-Timestamp", "1734948000"),
///     (
///         "X-Nano-Signature",
///         "v1=36ba75ed4f9e3c6fc8ca6e5d5a1b9e35b23a4ea7bd6e1b1a6bd2d3f0a0d3ff4c",
///     ),
/// ];
/// let body = r#"{"event":"job.completed","task_id":"task_xxx","data":{"url":"https://cdn.example.com/image.png"}}"#;
/// let error = verifier
///     .verify(&headers, body, UnixTime::from_secs(1_734_948_000))
///     .expect_err("this signature was made up");
/// assert_eq!(error.code(), "signature_mismatch");
/// # Ok::<(), nano_webhook_core::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Verifier(Arc<Rules>);

struct Rules {
    keys: Keyring,
    tolerance: Tolerance,
    max_body: usize,
    body_timeout: Duration,
    padded_secret: bool,
    #[cfg(feature = "clock")]
    clock: Option<Box<Clock>>,
    #[cfg(feature = "reserialized")]
    accept_reserialized: bool,
}

impl Verifier {
    /// A verifier with the defaults of [`VerifierBuilder`].
    #[must_use]
    pub fn new(secret: Secret) -> Self {
        Self::assemble(Self::builder(secret))
    }

    /// A verifier with other settings.
    pub fn builder(secret: Secret) -> VerifierBuilder {
        VerifierBuilder {
            secret,
            previous: Vec::new(),
            tolerance: Tolerance::default(),
            max_body: VerifierBuilder::DEFAULT_MAX_BODY,
            body_timeout: VerifierBuilder::DEFAULT_BODY_TIMEOUT,
            #[cfg(feature = "clock")]
            clock: None,
            #[cfg(feature = "reserialized")]
            accept_reserialized: false,
        }
    }

    fn assemble(builder: VerifierBuilder) -> Self {
        let mut padded_secret = false;
        for secret in std::iter::once(&builder.secret).chain(&builder.previous) {
            for warning in secret.warnings() {
                padded_secret |= warning == SecretWarning::Padded;
                tracing::warn!("{warning}");
            }
        }
        Self(Arc::new(Rules {
            keys: Keyring::new(&builder.secret, &builder.previous),
            tolerance: builder.tolerance,
            max_body: builder.max_body,
            body_timeout: builder.body_timeout,
            padded_secret,
            #[cfg(feature = "clock")]
            clock: builder.clock,
            #[cfg(feature = "reserialized")]
            accept_reserialized: builder.accept_reserialized,
        }))
    }

    /// Judges a request that is there as a whole. `now` is the receiver's time.
    ///
    /// # Errors
    /// Every [`WebhookError`] but those of a body on its way, of a store, and of
    /// an adapter.
    pub fn verify(
        &self,
        headers: &impl RequestHeaders,
        body: impl Into<Bytes>,
        now: UnixTime,
    ) -> Result<Delivery, WebhookError> {
        let mut verification = self.begin(headers, now)?;
        verification.push(body.into())?;
        verification.finish()
    }

    /// Judges a request's head, before anything of its body is read. What it
    /// returns takes the body in.
    ///
    /// # Errors
    /// In this order (D3 to D5): a signature header
    /// that is there twice, that is missing, that is malformed (the timestamp
    /// first); a timestamp outside the tolerance; a `Content-Encoding`; a
    /// `Content-Length` over the limit.
    #[inline]
    pub fn begin(
        &self,
        headers: &impl RequestHeaders,
        now: UnixTime,
    ) -> Result<Verification, WebhookError> {
        let rules = &*self.0;
        let fields = Fields::find(headers);
        let signature = SignatureHeaders::parse(&fields)?;
        rules.check_window(signature.signed_at, now)?;
        fields.check_content_encoding()?;
        if let Some(length) = fields.content_length()
            && length > rules.max_body as u64
        {
            return Err(WebhookError::BodyTooLarge {
                limit: Some(rules.max_body),
                announced: Some(length),
            });
        }
        Ok(Verification {
            rules: Arc::clone(&self.0),
            signature,
            body: ReceivedBody::default(),
        })
    }

    /// The receiver's time: what the builder's clock says, else the system's.
    #[cfg(feature = "clock")]
    #[must_use]
    pub fn now(&self) -> UnixTime {
        match &self.0.clock {
            Some(clock) => clock(),
            None => UnixTime::now(),
        }
    }

    /// How far a timestamp may be from the receiver's clock.
    #[must_use]
    pub fn tolerance(&self) -> Tolerance {
        self.0.tolerance
    }

    /// The largest body that is accepted, in bytes.
    #[must_use]
    pub fn max_body(&self) -> usize {
        self.0.max_body
    }

    /// For how long one and the same signed delivery can be accepted: the window
    /// of the tolerance, and then as long as its body may take.
    #[must_use]
    pub fn replay_window(&self) -> Duration {
        self.0
            .tolerance
            .window()
            .saturating_add(self.0.body_timeout)
    }

    /// How long an adapter waits for the whole body.
    #[must_use]
    pub fn body_timeout(&self) -> Duration {
        self.0.body_timeout
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("secrets", &self.0.keys.len())
            .field("tolerance", &self.0.tolerance)
            .field("max_body", &self.0.max_body)
            .field("body_timeout", &self.0.body_timeout)
            .finish_non_exhaustive()
    }
}

impl Rules {
    fn check_window(&self, signed_at: UnixTime, now: UnixTime) -> Result<(), WebhookError> {
        self.tolerance
            .check(signed_at, now)
            .map_err(|out| match out {
                OutOfTolerance::Stale(age) => WebhookError::Stale {
                    age: Duration::from_millis(age),
                    tolerance: self.tolerance.past(),
                },
                OutOfTolerance::Ahead(lead) => WebhookError::Ahead {
                    lead: Duration::from_millis(lead),
                    tolerance: self.tolerance.future(),
                },
            })
    }

    /// One more try over the text that the provider's snippet would have hashed
    /// (D2). What comes out of it is that text: it is what was signed.
    #[cfg(feature = "reserialized")]
    fn judge_reserialized(
        &self,
        signature: &SignatureHeaders,
        body: Bytes,
    ) -> Result<Authentic, Bytes> {
        if !self.accept_reserialized {
            return Err(body);
        }
        match crate::reserialize(&body, self.max_body) {
            Ok(text) if text != *body => {
                (self.keys.judge_whole(signature, Bytes::from(text))).map_err(|_| body)
            }
            _ => Err(body),
        }
    }

    #[cfg(not(feature = "reserialized"))]
    fn judge_reserialized(&self, _: &SignatureHeaders, body: Bytes) -> Result<Authentic, Bytes> {
        Err(body)
    }

    fn clues(&self, body: &[u8]) -> MismatchClues {
        MismatchClues {
            secrets: self.keys.len(),
            padded_secret: self.padded_secret,
            body_len: body.len(),
            reformatted_body: body.contains(&b'\n')
                || body.last().is_some_and(u8::is_ascii_whitespace),
        }
    }
}

/// A verdict in the making: the head is fine, the body is on its way.
///
/// A body that comes as one chunk is kept as it is and never copied. From the
/// second chunk on, they are hashed as they arrive.
///
/// ```
/// use nano_webhook_core::{Bytes, Secret, Signer, UnixTime, Verifier};
///
/// # let body = r#"{"event":"job.failed","task_id":"task_1"}"#;
/// # let now = UnixTime::from_secs(1_734_948_000);
/// # let headers = Signer::new(&Secret::new("0123456789abcdef")?).sign(now, body.as_bytes());
/// let verifier = Verifier::new(Secret::new("0123456789abcdef")?);
/// let mut verification = verifier.begin(&headers.to_pairs(), now)?;
/// for chunk in body.as_bytes().chunks(10) {
///     verification.push(Bytes::copy_from_slice(chunk))?;
/// }
/// let delivery = verification.finish()?;
/// assert_eq!(delivery.event().name(), "job.failed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "nothing is verified before `finish`"]
pub struct Verification {
    rules: Arc<Rules>,
    signature: SignatureHeaders,
    body: ReceivedBody,
}

impl Verification {
    /// Takes the next chunk of the body.
    ///
    /// # Errors
    /// [`WebhookError::BodyTooLarge`] as soon as there is more than the limit.
    pub fn push(&mut self, chunk: Bytes) -> Result<(), WebhookError> {
        let Rules { keys, max_body, .. } = &*self.rules;
        (self.body).push(chunk, *max_body, || keys.start(&self.signature))
    }

    /// How long to wait for the whole body, from the request's head on.
    #[must_use]
    pub fn body_timeout(&self) -> Duration {
        self.rules.body_timeout
    }

    /// The verdict, and then, and only then, the event.
    ///
    /// # Errors
    /// [`WebhookError::SignatureMismatch`], or [`WebhookError::InvalidEvent`]
    /// for a body that is correctly signed but not an event.
    pub fn finish(self) -> Result<Delivery, WebhookError> {
        let Self {
            rules,
            signature,
            body,
        } = self;
        let signed = match body.finish() {
            (body, None) => rules.keys.judge_whole(&signature, body),
            (body, Some(hashed)) => rules.keys.judge(*hashed, &signature, body),
        };
        signed
            .or_else(|body| rules.judge_reserialized(&signature, body))
            .map_err(|body| WebhookError::SignatureMismatch {
                clues: rules.clues(&body),
            })
            .and_then(Delivery::from_verdict)
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification")
            .field("signed_at", &self.signature.signed_at)
            .field("body_len", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The settings of a [`Verifier`].
///
/// ```
/// use std::time::Duration;
/// use nano_webhook_core::{Secret, Tolerance, Verifier};
///
/// let verifier = Verifier::builder(Secret::new("the new secret, long enough")?)
///     .previous_secret(Secret::new("the old secret, long enough")?)
///     .tolerance(Tolerance::symmetric(Duration::from_secs(120)))
///     .max_body(64 * 1024)
///     .build()?;
/// # let _ = verifier;
/// # Ok::<(), nano_webhook_core::ConfigError>(())
/// ```
#[must_use]
pub struct VerifierBuilder {
    secret: Secret,
    previous: Vec<Secret>,
    tolerance: Tolerance,
    max_body: usize,
    body_timeout: Duration,
    #[cfg(feature = "clock")]
    clock: Option<Box<Clock>>,
    #[cfg(feature = "reserialized")]
    accept_reserialized: bool,
}

impl VerifierBuilder {
    /// 256 KiB, a thousand times the documented payload.
    pub const DEFAULT_MAX_BODY: usize = 256 * 1024;

    /// 10 seconds.
    pub const DEFAULT_BODY_TIMEOUT: Duration = Duration::from_secs(10);

    /// Also accepts what this secret signed: during a rotation, or for as long
    /// as two webhooks point at one endpoint. May be called several times; each
    /// further secret costs a forger's request one more hash of its body.
    pub fn previous_secret(mut self, secret: Secret) -> Self {
        self.previous.push(secret);
        self
    }

    /// How far `X-Nano-Timestamp` may be from the receiver's clock. Default: 300
    /// seconds either way.
    pub fn tolerance(mut self, tolerance: Tolerance) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// The largest body that is accepted, in bytes. Default: 256 KiB.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// How long to wait for the whole body. Default: 10 seconds.
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.body_timeout = timeout;
        self
    }

    /// The clock that adapters ask for the time of each request, instead of the
    /// system's. For tests.
    #[cfg(feature = "clock")]
    pub fn clock(mut self, clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        self.clock = Some(Box::new(clock));
        self
    }

    /// Also accepts a body that something on its way re-formatted, if its
    /// `JSON.stringify(JSON.parse(body))` text is what was signed (D2). Off by
    /// default.
    ///
    /// The provider's documented snippet hashes that text. Turn it on only where
    /// a proxy cannot be kept from re-writing bodies: it is more code between
    /// the network and the verdict, and every forged request pays for it. The
    /// delivery's body is then the text, not the bytes that came.
    #[cfg(feature = "reserialized")]
    pub fn accept_reserialized(mut self) -> Self {
        self.accept_reserialized = true;
        self
    }

    /// Builds the verifier. Logs a warning for each secret that is short or
    /// surrounded by white space.
    ///
    /// # Errors
    /// [`ConfigError::Zero`] for a body limit or a body timeout of zero.
    pub fn build(self) -> Result<Verifier, ConfigError> {
        for (setting, zero) in [
            ("max_body", self.max_body == 0),
            ("body_timeout", self.body_timeout.is_zero()),
        ] {
            if zero {
                return Err(ConfigError::Zero { setting });
            }
        }
        Ok(Verifier::assemble(self))
    }
}

impl fmt::Debug for VerifierBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifierBuilder")
            .field("previous_secrets", &self.previous.len())
            .field("tolerance", &self.tolerance)
            .field("max_body", &self.max_body)
            .field("body_timeout", &self.body_timeout)
            .finish_non_exhaustive()
    }
}
