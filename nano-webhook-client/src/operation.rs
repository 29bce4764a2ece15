use std::fmt;

use crate::id::WebhookId;

/// A call of the management API.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// `GET /api/v1/webhooks`
    List,
    /// `POST /api/v1/webhooks`
    Create,
    /// `DELETE /api/v1/webhooks/{id}`
    Delete(WebhookId),
}

impl Operation {
    /// Whether repeating the call has no further effect (RFC 9110, section 9.2.2).
    pub(crate) const fn is_idempotent(&self) -> bool {
        matches!(self, Self::List | Self::Delete(_))
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List => f.write_str("list the webhooks"),
            Self::Create => f.write_str("create the webhook"),
            Self::Delete(id) => write!(f, "delete webhook {id}"),
        }
    }
}
