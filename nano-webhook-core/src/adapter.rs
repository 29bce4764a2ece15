//! What an adapter for a web framework, or another host of core, needs. The
//! author of a handler does not need it.
//!
//! An adapter is one straight line:
//!
//! 1. [`Verifier::begin`](crate::Verifier::begin) with the request's head (a
//!    [`RequestHead`]) and [`Verifier::now`](crate::Verifier::now). An error is
//!    answered at once; the body stays unread.
//! 2. [`Verification::receive`] with the raw chunks of the body and the
//!    runtime's timer.
//! 3. [`delivery_span`] around what follows.
//! 4. With deduplication: [`Dedupe::claim`](crate::dedupe::Dedupe::claim), and
//!    for a claim that is held, its lease and an [`OuterClaim`] into the request's
//!    extensions, then [`HeldClaim::run`]. A request that has an [`OuterClaim`] passes
//!    through. All of that in [`run_to_end`].
//! 5. An error is turned into an answer by [`reject`], which also logs and
//!    counts it. The error itself goes into the response's extensions.
//!
//! `examples/hyper-receiver` in the repository is the smallest adapter.

pub use crate::answer::Answer;
#[cfg(feature = "dedupe")]
pub use crate::dedupe::claim::Claimed;
#[cfg(feature = "dedupe")]
pub use crate::dedupe::run::{Handled, HeldClaim, OuterClaim, Settling, run_to_end};
pub use crate::delivery::FromDelivery;
pub use crate::head::RequestHead;
pub use crate::header_field::HeaderField;
pub use crate::verification::Verification;

use std::error::Error as _;

use tracing::Span;
use tracing::field::Empty;

use crate::delivery::Delivery;
use crate::error::{Failure, Level, WebhookError};
use crate::metrics;

/// The span of one delivery, from its verification to its answer.
///
/// It is called `delivery`, at info level, under the target
/// `nano_webhook_core::delivery`. Its fields are `event`, `task_id` and
/// `messaging.message.body.size` (bytes), and from
/// [`Dedupe::claim`](crate::dedupe::Dedupe::claim) on `delivery_id`, `attempt` and
/// `outcome`, which that call and [`HeldClaim::run`] record in the current span.
/// Instrument the claim and the handler with it.
pub fn delivery_span(delivery: &Delivery) -> Span {
    tracing::info_span!(
        target: "nano_webhook_core::delivery",
        "delivery",
        event = delivery.event().name(),
        task_id = delivery.event().task_id(),
        delivery_id = Empty,
        attempt = Empty,
        outcome = Empty,
        messaging.message.body.size = delivery.body().len(),
    )
}

/// Writes the one log event of a rejected request, counts it, and returns its
/// answer.
///
/// Its fields are `code`, `status`, and `cause` where it has one. What loses a
/// delivery is logged as an error (`invalid_event`, `handler_failed`,
/// `not_configured`), `method_not_allowed` at debug, and every other rejection as a
/// warning. A rejection of [`Dedupe::claim`](crate::dedupe::Dedupe::claim) was
/// logged there, together with the delivery.
pub fn reject(error: &WebhookError) -> Answer {
    metrics::rejected(error);
    let row = error.failure().row();
    let cause = match error.failure() {
        // Its text is part of the message already.
        Failure::InvalidEvent { .. } => None,
        _ => error.source().map(tracing::field::display),
    };
    let (code, status) = (row.code, row.status);
    match row.level {
        Level::Error => tracing::error!(code, status, cause, "{error}"),
        Level::Warn => tracing::warn!(code, status, cause, "{error}"),
        Level::Info => tracing::info!(code, status, cause, "{error}"),
        Level::Debug => tracing::debug!(code, status, cause, "{error}"),
        Level::Logged => {}
    }
    error.answer()
}
