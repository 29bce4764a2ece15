use std::time::Duration;

use nano_webhook_core::{Secret, UnixTime, Verifier, VerifierBuilder};

use nano_webhook_test_kit::SignedRequest;

use crate::clock::TestClock;
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

impl Settings {
    /// The time at which [`Settings::default`]'s clock stands.
    pub const NOW: UnixTime = SignedRequest::NOW;

    /// The verifier with these settings.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        let mut secrets = self
            .secrets
            .iter()
            .map(|text| Secret::new(text.as_str()).unwrap());
        let clock = self.clock.clone();
        let mut builder = Verifier::builder(secrets.next().unwrap())
            .clock(move || clock.now())
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
        if let Some(bytes) = self.options.max_body_bytes {
            builder = builder.body_limit(bytes);
        }
        if self.options.accept_reserialized == Some(true) {
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
