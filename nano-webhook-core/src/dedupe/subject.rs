use tracing::Span;

use super::DeliveryId;
use crate::delivery::Delivery;
use crate::metrics;

/// The delivery that a log line is about. Its event, task, identity and attempt stand
/// in every line; the current span gets what its adapter could not know.
pub(super) struct Subject {
    pub(super) delivery: Delivery,
    pub(super) id: DeliveryId,
    /// Known once the delivery is claimed.
    pub(super) attempt: Option<u64>,
}

impl Subject {
    pub(super) fn record_id(&self) {
        Span::current().record("delivery_id", tracing::field::display(self.id));
    }

    pub(super) fn claimed(self, attempt: u64) -> Self {
        Span::current().record("attempt", attempt);
        Self {
            attempt: Some(attempt),
            ..self
        }
    }

    /// Once for each delivery.
    pub(super) fn ended(&self, outcome: &'static str) {
        Span::current().record("outcome", outcome);
        metrics::ended(self.delivery.event(), outcome);
    }
}

macro_rules! log_delivery {
    ($level:ident, $subject:expr, $($rest:tt)+) => {
        tracing::$level!(
            event = $subject.delivery.event().name(),
            task_id = $subject.delivery.event().task_id(),
            delivery_id = %$subject.id,
            attempt = $subject.attempt,
            $($rest)+
        )
    };
}

/// Logs how the delivery ended, and counts it.
macro_rules! log_end {
    ($level:ident, $subject:expr, $outcome:expr, $($rest:tt)+) => {{
        let outcome = $outcome;
        log_delivery!($level, $subject, outcome, $($rest)+);
        $subject.ended(outcome);
    }};
}

/// Logs why the delivery is not handled now, and counts it.
macro_rules! log_rejection {
    ($level:ident, $subject:expr, $error:expr, $($rest:tt)+) => {{
        let (code, status) = ($error.code(), $error.status());
        log_end!($level, $subject, code, code, status, $($rest)+);
    }};
}

pub(super) use {log_delivery, log_end, log_rejection};
