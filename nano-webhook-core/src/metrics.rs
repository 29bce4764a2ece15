//! What a receiver counts and measures, for any recorder of the crate
//! [`metrics`](https://docs.rs/metrics). It needs the feature `metrics`.
//!
//! **Install the recorder first**, then call [`register`]: every handle is taken from
//! the recorder that is installed at that time. A recorder that is installed after the
//! first request gets nothing.
//!
//! | metric | kind | unit | labels | series | meaning |
//! |---|---|---|---|---:|---|
//! | `nano_webhook_deliveries_total` | counter | deliveries | `event`, `outcome` | 30 | verified deliveries by how they ended; each is counted once |
//! | `nano_webhook_rejections_total` | counter | requests | `code` | 18 | requests that were answered with an error |
//! | `nano_webhook_matched_secrets_total` | counter | deliveries | `secret` | 2 | verified deliveries by the secret that signed them |
//! | `nano_webhook_store_errors_total` | counter | calls | `operation` | 4 | calls of the deduplication store that failed |
//! | `nano_webhook_forgotten_total` | counter | completions | | 1 | completions that a full memory store dropped before their time |
//! | `nano_webhook_in_flight` | gauge | deliveries | | 1 | deliveries from the beginning of their claim to its end |
//! | `nano_webhook_age_seconds` | histogram | seconds | | 1 | time from the signature to the arrival of a verified delivery; zero if the clock of the sender is ahead |
//! | `nano_webhook_body_size_bytes` | histogram | bytes | | 1 | size of the signed body of a verified delivery |
//! | `nano_webhook_verification_duration_seconds` | histogram | seconds | | 1 | checking the signature and parsing the event, once the body is complete |
//! | `nano_webhook_claim_duration_seconds` | histogram | seconds | | 1 | one claim in the deduplication store, also if it failed |
//! | `nano_webhook_handler_duration_seconds` | histogram | seconds | | 1 | the handler of a delivery, from its call to its end |
//!
//! The values of a label are fixed, so the number of series is too:
//!
//! | label | values |
//! |---|---|
//! | `event` | `job.completed`, `job.failed`, `unknown` |
//! | `outcome` | the names of [`OutcomeKind`](crate::dedupe::OutcomeKind), and `in_progress`, `parked`, `store_unavailable` |
//! | `code` | the codes of [`ErrorKind`](crate::ErrorKind) |
//! | `secret` | `current`, `previous` |
//! | `operation` | `claim`, `renew`, `complete`, `release` |
//!
//! Outcomes, claims, handlers and the gauge need deduplication. Rejections are counted
//! where their answer is made, in [`adapter::reject`](crate::adapter::reject): a
//! delivery that is in progress, parked or without its store is an outcome and a
//! rejection. Ages, sizes and secrets are those of verified deliveries only, so that
//! unsigned requests cannot distort them.
//!
//! Handles are kept, so that a call looks nothing up. Without the feature, no code is
//! compiled for any of this.
#![cfg_attr(not(feature = "dedupe"), allow(dead_code))]

#[cfg(feature = "metrics")]
mod handles;

#[cfg(feature = "metrics")]
pub use handles::register;
#[cfg(feature = "metrics")]
use handles::{handles, increment};

use crate::delivery::Delivery;
use crate::error::WebhookError;
use crate::event::WebhookEvent;
use crate::timestamp::UnixTime;

/// When a request arrived.
pub(crate) struct Arrival {
    #[cfg(feature = "metrics")]
    at: UnixTime,
}

impl Arrival {
    #[inline]
    pub(crate) fn at(now: UnixTime) -> Self {
        #[cfg(not(feature = "metrics"))]
        let _ = now;
        Self {
            #[cfg(feature = "metrics")]
            at: now,
        }
    }
}

/// Measures from its start to the call that takes it.
pub(crate) struct Stopwatch {
    #[cfg(feature = "metrics")]
    started: std::time::Instant,
}

impl Stopwatch {
    #[inline]
    pub(crate) fn start() -> Self {
        Self {
            #[cfg(feature = "metrics")]
            started: std::time::Instant::now(),
        }
    }
}

/// Functions that do nothing without the feature.
macro_rules! recorded {
    ($($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),*) { $($body:tt)* })+) => {$(
        $(#[$doc])*
        #[inline]
        pub(crate) fn $name($($argument: $type),*) {
            #[cfg(feature = "metrics")]
            {
                $($body)*
            }
            #[cfg(not(feature = "metrics"))]
            let _ = ($($argument,)*);
        }
    )+};
}

recorded! {
    fn verified(delivery: &Delivery, arrival: Arrival, took: Stopwatch) {
        handles().verified(delivery, &arrival, &took);
    }

    fn rejected(error: &WebhookError) {
        handles().rejected(error);
    }

    fn ended(event: &WebhookEvent, outcome: &'static str) {
        handles().ended(event, outcome);
    }

    fn claimed(took: Stopwatch) {
        handles().claim_duration.record(took.started.elapsed());
    }

    fn handled(took: Stopwatch) {
        handles().handler_duration.record(took.started.elapsed());
    }

    /// One call of the store.
    fn answered(operation: &'static str, failed: bool) {
        if failed {
            increment(&handles().store_errors, operation);
        }
    }

    fn forgot(completions: u64) {
        if completions > 0 {
            handles().forgotten.increment(completions);
        }
    }

    fn entered() {
        handles().in_flight.increment(1);
    }

    fn left() {
        handles().in_flight.decrement(1);
    }
}
