use std::time::Duration;

use super::Verifier;
use crate::error::ConfigError;
use crate::rules::Rules;
use crate::secret::Secret;
use crate::timestamp::{Tolerance, UnixTime};

/// The settings of a [`Verifier`].
///
/// ```
/// use std::time::Duration;
/// use nano_webhook_core::{Secret, Verifier};
///
/// let verifier = Verifier::builder(Secret::new("the new secret, long enough")?)
///     .previous_secret(Secret::new("the old secret, long enough")?)
///     .tolerance(Duration::from_secs(120))
///     .body_limit(64 * 1024)
///     .build()?;
/// # let _ = verifier;
/// # Ok::<(), nano_webhook_core::ConfigError>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct VerifierBuilder {
    secret: Secret,
    previous: Vec<Secret>,
    tolerance_ahead: Option<Duration>,
    rules: Rules,
}

impl VerifierBuilder {
    /// 300 seconds.
    pub const DEFAULT_TOLERANCE: Duration = Duration::from_secs(300);

    /// 256 KiB, a thousand times the documented payload.
    pub const DEFAULT_BODY_LIMIT: usize = 256 * 1024;

    /// 10 seconds.
    pub const DEFAULT_BODY_TIMEOUT: Duration = Duration::from_secs(10);

    pub(super) fn new(secret: Secret) -> Self {
        Self {
            secret,
            previous: Vec::new(),
            tolerance_ahead: None,
            rules: Rules {
                tolerance: Tolerance::new(Self::DEFAULT_TOLERANCE),
                body_limit: Self::DEFAULT_BODY_LIMIT,
                body_timeout: Self::DEFAULT_BODY_TIMEOUT,
                clock: None,
                #[cfg(feature = "reserialized")]
                accept_reserialized: false,
            },
        }
    }

    /// Also accepts deliveries signed with this secret: during a rotation, or
    /// while two webhooks point at one endpoint. May be called several times;
    /// each further secret costs a forged request one more hash of its body.
    pub fn previous_secret(mut self, secret: Secret) -> Self {
        self.previous.push(secret);
        self
    }

    /// How far `X-Nano-Timestamp` may be from the receiver's clock, in the past
    /// and in the future, inclusive and with millisecond resolution. Default: 300
    /// seconds.
    ///
    /// Within the tolerance a captured delivery can be replayed, unless the
    /// receiver deduplicates. A short tolerance rejects deliveries when a clock
    /// drifts or a queue is slow.
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.rules.tolerance = Tolerance::new(tolerance);
        self
    }

    /// Another tolerance for timestamps in the future. Default: that of
    /// [`tolerance`](Self::tolerance).
    pub fn tolerance_ahead(mut self, tolerance: Duration) -> Self {
        self.tolerance_ahead = Some(tolerance);
        self
    }

    /// The largest body that is accepted, in bytes. Default: 256 KiB.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.rules.body_limit = bytes;
        self
    }

    /// How long the whole body may take to arrive. Default: 10 seconds.
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.rules.body_timeout = timeout;
        self
    }

    /// The clock that adapters ask for the time of each request. Default:
    /// [`UnixTime::now`]. For tests.
    pub fn clock(mut self, clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        self.rules.clock = Some(Box::new(clock));
        self
    }

    /// Also accepts a body that a proxy has re-formatted, if the text of
    /// `JSON.stringify(JSON.parse(body))` is what was signed. Off by default.
    ///
    /// The provider's documented snippet hashes that text. Turn it on only where
    /// a proxy cannot be kept from rewriting bodies: every forged request then
    /// costs a parse. The delivery's body is the text, not the received bytes.
    #[cfg(feature = "reserialized")]
    pub fn accept_reserialized(mut self) -> Self {
        self.rules.accept_reserialized = true;
        self
    }

    /// Builds the verifier. Logs a warning for each secret that looks wrong.
    ///
    /// # Errors
    /// [`ConfigError::Zero`] for a body limit or a body timeout of zero.
    pub fn build(self) -> Result<Verifier, ConfigError> {
        for (setting, zero) in [
            ("body_limit", self.rules.body_limit == 0),
            ("body_timeout", self.rules.body_timeout.is_zero()),
        ] {
            if zero {
                return Err(ConfigError::Zero(setting));
            }
        }
        Ok(self.assemble())
    }

    pub(super) fn assemble(mut self) -> Verifier {
        if let Some(ahead) = self.tolerance_ahead {
            self.rules.tolerance = self.rules.tolerance.with_future(ahead);
        }
        Verifier::assemble(self.rules, &self.secret, &self.previous)
    }
}
