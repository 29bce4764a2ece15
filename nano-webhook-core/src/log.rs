use std::error::Error as _;

use crate::error::WebhookError;

impl WebhookError {
    /// Writes the one `tracing` event of a refused request. Adapters call it;
    /// who calls the verifier directly may.
    ///
    /// | level | which |
    /// |---|---|
    /// | error | what loses a delivery, or will: `invalid_event`, `store_unavailable`, `not_configured` |
    /// | info | `in_progress`: somebody else has it |
    /// | warn | every other refusal |
    ///
    /// Its fields are `code`, `status`, and `cause` where there is one.
    pub fn log(&self) {
        let code = self.code();
        let status = self.status();
        let cause = match self {
            // Its text is part of the message already.
            Self::InvalidEvent { .. } => None,
            _ => self.source(),
        };
        let cause = cause.map(tracing::field::display);
        match self {
            Self::InvalidEvent { .. }
            | Self::StoreUnavailable { .. }
            | Self::NotConfigured { .. } => {
                tracing::error!(code, status, cause, "{self}");
            }
            Self::InProgress { .. } => tracing::info!(code, status, cause, "{self}"),
            _ => tracing::warn!(code, status, cause, "{self}"),
        }
    }
}
