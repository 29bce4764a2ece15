//! Any body that was signed: what does it say?

use std::time::Duration;

use nano_webhook_core::{Delivery, MatchedSecret, UnixTime, WebhookError};

use crate::oracle;

/// Reads the event of a body.
pub fn check(data: &[u8]) {
    let signed_at = UnixTime::from_secs(1_734_948_000).saturating_add(Duration::from_millis(1));
    let judged = Delivery::assume_verified(data.to_vec(), signed_at, MatchedSecret::Previous(1));
    match judged {
        Ok(delivery) => {
            assert_eq!(delivery.body(), data);
            assert_eq!(delivery.signed_at(), signed_at);
            assert_eq!(delivery.secret(), MatchedSecret::Previous(1));
            oracle::event::check(data, Ok(delivery.event()));
            let _ = format!("{delivery:?}");
        }
        Err(WebhookError::InvalidEvent { source, body }) => {
            assert_eq!(body, data);
            oracle::event::check(data, Err(&source));
        }
        Err(other) => panic!("{other}"),
    }
}
