use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use nano_webhook_core::{Secret, UnixTime, Verifier, VerifierBuilder};
use nano_webhook_test_kit::SignedRequest;

use crate::vectors::Options;

/// How a server under test is to verify.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The current secret, then the previous ones.
    pub secrets: Vec<String>,
    /// The window and the limits.
    pub options: Options,
    /// How long to wait for a body.
    pub body_timeout: Duration,
    /// The receiver's clock.
    pub clock: TestClock,
}

/// A clock that a test can set while the server runs.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicU64>);

impl TestClock {
    /// A clock that stands at this time.
    pub fn at(time: UnixTime) -> Self {
        Self(Arc::new(time.as_millis().into()))
    }

    pub(crate) fn set(&self, millis: u64) {
        self.0.store(millis, Ordering::SeqCst);
    }
}

impl Settings {
    /// The time at which [`Settings::default`]'s clock stands.
    pub const NOW: UnixTime = SignedRequest::NOW;

    /// The verifier with these settings.
    pub fn verifier(&self) -> Verifier {
        let secrets = self.secrets.iter();
        let mut secrets = secrets.map(|text| Secret::new(text.as_str()).unwrap());
        let TestClock(clock) = self.clock.clone();
        let mut builder = Verifier::builder(secrets.next().unwrap())
            .clock(move || UnixTime::from_millis(clock.load(Ordering::SeqCst)))
            .body_timeout(self.body_timeout);
        let options = &self.options;
        let ahead = options.tolerance_future_ms.map(Duration::from_millis);
        builder = builder.tolerance_ahead(ahead.unwrap_or(VerifierBuilder::DEFAULT_TOLERANCE));
        if let Some(past) = options.tolerance_past_ms {
            builder = builder.tolerance(Duration::from_millis(past));
        }
        for previous in secrets {
            builder = builder.previous_secret(previous);
        }
        if let Some(bytes) = options.max_body_bytes {
            builder = builder.body_limit(bytes);
        }
        if options.accept_reserialized == Some(true) {
            builder = builder.accept_reserialized();
        }
        builder.build().unwrap()
    }
}

/// One secret, the documented defaults, and a clock that stands still.
impl Default for Settings {
    fn default() -> Self {
        Self {
            secrets: vec![SignedRequest::SECRET.to_owned()],
            options: Options::default(),
            body_timeout: VerifierBuilder::DEFAULT_BODY_TIMEOUT,
            clock: TestClock::at(Self::NOW),
        }
    }
}
