use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;

use crate::delivery::Delivery;
use crate::error::{Failure, WebhookError};
use crate::head::{Fields, RequestHead, SignedHead};
use crate::keyring::Keyring;
use crate::metrics::Arrival;
use crate::rules::Rules;
use crate::secret::Secret;
use crate::timestamp::UnixTime;
use crate::verification::Verification;

mod builder;

pub use builder::VerifierBuilder;

/// Decides whether a request is a delivery that the provider signed.
///
/// It holds the secrets, the tolerance and the limits. A clone is cheap and
/// shares them.
///
/// ```
/// use nano_webhook_core::{ErrorKind, Secret, UnixTime, Verifier};
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
/// assert_eq!(error.kind(), ErrorKind::SignatureMismatch);
/// # Ok::<(), nano_webhook_core::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Verifier(Arc<Shared>);

struct Shared {
    rules: Arc<Rules>,
    keys: RwLock<Arc<Keyring>>,
}

impl Verifier {
    /// A verifier with the defaults of [`VerifierBuilder`].
    #[must_use]
    pub fn new(secret: Secret) -> Self {
        VerifierBuilder::new(secret).assemble()
    }

    /// A verifier with other settings.
    pub fn builder(secret: Secret) -> VerifierBuilder {
        VerifierBuilder::new(secret)
    }

    fn assemble(rules: Rules, current: &Secret, previous: &[Secret]) -> Self {
        let rules = Arc::new(rules);
        let keys = Keyring::new(Arc::clone(&rules), current, previous);
        let keys = RwLock::new(Arc::new(keys));
        Self(Arc::new(Shared { rules, keys }))
    }

    /// Replaces the secrets of this verifier and of all its clones, for every
    /// request that begins from now on: a rotation without a restart.
    ///
    /// ```
    /// use nano_webhook_core::{Secret, Verifier};
    ///
    /// let old = Secret::new("the old secret, long enough")?;
    /// let verifier = Verifier::new(old.clone());
    /// // Later, when the new secret has been generated:
    /// verifier.replace_secrets(&Secret::new("the new secret, long enough")?, &[old]);
    /// # Ok::<(), nano_webhook_core::ConfigError>(())
    /// ```
    pub fn replace_secrets(&self, current: &Secret, previous: &[Secret]) {
        let rules = Arc::clone(&self.0.rules);
        let keys = Arc::new(Keyring::new(rules, current, previous));
        *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// Verifies a request that is in memory as a whole. `now` is the receiver's
    /// time.
    ///
    /// # Errors
    /// A [`WebhookError`] whose [`kind`](WebhookError::kind) is one of those up to
    /// `InvalidEvent` in [`ErrorKind`](crate::ErrorKind).
    pub fn verify(
        &self,
        head: &impl RequestHead,
        body: impl Into<Bytes>,
        now: UnixTime,
    ) -> Result<Delivery, WebhookError> {
        let mut verification = self.begin(head, now)?;
        verification.push(body.into())?;
        verification.finish()
    }

    /// Verifies a request's head, before anything of its body is read.
    ///
    /// # Errors
    /// In this order: a method other than POST; a signature header that is
    /// repeated, missing or malformed (the timestamp first); a timestamp outside
    /// the tolerance; a `Content-Encoding`; a `Content-Length` over the body limit.
    #[inline]
    pub fn begin(
        &self,
        head: &impl RequestHead,
        now: UnixTime,
    ) -> Result<Verification, WebhookError> {
        if head.method() != "POST" {
            return Err(Failure::Method.into());
        }
        let rules = &self.0.rules;
        let fields = Fields::find(head);
        let signed = SignedHead::parse(&fields)?;
        rules.tolerance.check(signed.signed_at, now)?;
        fields.check_content_encoding()?;
        fields.check_content_length(rules.body_limit)?;
        let keys = (self.0.keys.read()).unwrap_or_else(PoisonError::into_inner);
        let arrival = Arrival::at(now);
        Ok(Verification::new(Arc::clone(&keys), signed, arrival))
    }

    /// The receiver's time: that of the builder's clock, else the system's.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        match &self.0.rules.clock {
            Some(clock) => clock(),
            None => UnixTime::now(),
        }
    }

    /// For how long one signed delivery can be accepted: the tolerance in both
    /// directions, and the body timeout.
    #[must_use]
    pub fn replay_window(&self) -> Duration {
        let rules = &self.0.rules;
        rules.tolerance.window().saturating_add(rules.body_timeout)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Verifier").field(&self.0.rules).finish()
    }
}
