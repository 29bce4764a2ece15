//! Any body that was signed: what does it say?

use std::error::Error as _;
use std::time::Duration;

use nano_webhook_core::{Delivery, MatchedSecret, UnixTime, WebhookError};
use nano_webhook_test_kit::oracle;

/// Reads the event of a body.
pub fn check(data: &[u8]) {
    let signed_at = UnixTime::from_secs(1_734_948_000).saturating_add(Duration::from_millis(1));
    let read = Delivery::assume_verified(data.to_vec(), signed_at, MatchedSecret::Previous);
    if let Ok(delivery) = &read {
        assert_eq!(delivery.signed_at(), signed_at);
        assert_eq!(delivery.secret(), MatchedSecret::Previous);
    }
    check_signed(data, &read);
}

/// The delivery, or the error, is that of this signed body.
pub(crate) fn check_signed(body: &[u8], read: &Result<Delivery, WebhookError>) {
    match read {
        Ok(delivery) => {
            assert_eq!(delivery.body(), body);
            oracle::event::check(body, Ok(delivery.event()));
        }
        Err(error) => {
            assert_eq!(error.signed_body().map(|signed| &**signed), Some(body), "{error}");
            let problem = error.source().map(ToString::to_string).unwrap_or_default();
            oracle::event::check(body, Err(&problem));
        }
    }
}
