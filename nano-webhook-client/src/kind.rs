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

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List => f.write_str("list the webhooks"),
            Self::Create => f.write_str("create the webhook"),
            Self::Delete(id) => write!(f, "delete webhook {id}"),
        }
    }
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting of the client, or a webhook's id, is invalid. The text says which.
    Invalid,
    /// TLS or the proxy cannot be set up, for example because no trusted
    /// certificates are installed.
    Setup,
    /// No connection could be made; nothing was sent.
    Unreachable,
    /// The connection closed before the answer was complete.
    Interrupted,
    /// No complete answer arrived within the timeout.
    TimedOut,
    /// The provider answered with a status outside 200 to 299, or with
    /// `"success":false`.
    Refused,
    /// The provider answered with a redirect. None is followed, because the key
    /// and the secret would be sent along.
    Redirected,
    /// The answer does not have the documented form.
    Unexpected,
    /// The answer is larger than the limit.
    TooLarge,
    /// The list of webhooks is not complete, or does not show changes in time.
    IncompleteList,
    /// An entry of the list names this URL, but cannot be read.
    UnreadableEntry,
    /// Another run changed the webhooks at this URL at the same time. Run again
    /// when it has ended.
    Conflict,
    /// The provider stored a webhook with another URL, other events or another
    /// status than requested.
    NotAsRequested,
    /// The newest webhook at this URL is not active. Activate or delete it, then
    /// run again.
    NotActive,
    /// The provider gave the new webhook a smaller id than an existing one has,
    /// so the newest cannot be determined. The new webhook is deleted.
    IdsNotAscending,
}

impl ErrorKind {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Setup => "TLS or the proxy cannot be set up",
            Self::Unreachable => "the provider cannot be reached",
            Self::Interrupted => "the connection closed before the answer was complete",
            Self::TimedOut => "no complete answer in time",
            Self::Refused => "the provider refused the request",
            Self::Redirected => "the provider redirects; correct the base URL",
            Self::Unexpected => "the answer does not have the documented form",
            Self::TooLarge => "the answer is too large",
            Self::IncompleteList => "the list of webhooks is not complete",
            Self::UnreadableEntry => "an entry of the list with this URL cannot be read",
            Self::Conflict => "another run is changing the webhooks at this URL; run again later",
            Self::NotAsRequested => "the provider stored a different webhook",
            Self::NotActive => "activate or delete the newest webhook at this URL",
            Self::IdsNotAscending => "the new webhook has a smaller id than an existing one",
        }
    }
}
