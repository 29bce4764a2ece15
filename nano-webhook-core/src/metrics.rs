//! What a receiver counts and measures, for any recorder of the crate
//! [`metrics`](https://docs.rs/metrics). It needs the feature `metrics`.
//!
//! **Install the recorder first**, then call [`register`]: every handle is taken from
//! the recorder that is installed at that time. A recorder that is installed after the
//! first request gets nothing.
//!
//! The guide has the [table of all series](https://github.com/nano-webhook/nano-webhook/blob/main/docs/guide/observability.md#metrics)
//! with their labels. The values of a label are fixed, so the number of series is too.
//! Each verified delivery is counted once, by how it ended. Rejections are counted where
//! their answer is made, in [`adapter::reject`](crate::adapter::reject). Ages, sizes and
//! secrets are those of verified deliveries only, so that unsigned requests cannot
//! distort them.
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

#[derive(Clone, Copy)]
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
