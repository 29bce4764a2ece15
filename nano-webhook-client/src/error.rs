use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::id::WebhookId;
use crate::webhook::Webhook;

/// A client that cannot be built, or a call that failed, and what it had changed
/// before.
///
/// The text names the call, what went wrong, and, after
/// [`ensure`](crate::Client::ensure) or [`rotate`](crate::Client::rotate), the
/// webhooks that were created, deleted and last listed. Bodies of the provider's
/// answers are not quoted, because error pages repeat the key and the secret.
pub struct Error {
    kind: ErrorKind,
    pub(crate) facts: Box<Facts>,
}

#[derive(Default)]
pub(crate) struct Facts {
    detail: Cow<'static, str>,
    status: Option<StatusCode>,
    /// `Duration::MAX` if it cannot be read.
    pub(crate) retry_after: Option<Duration>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    /// The call that failed, as an infinitive. Empty if none did.
    pub(crate) call: String,
    pub(crate) attempts: u32,
    pub(crate) uncertain: bool,
    pub(crate) created: Option<WebhookId>,
    pub(crate) deleted: Vec<WebhookId>,
    pub(crate) found: Vec<Webhook>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, detail: impl Into<Cow<'static, str>>) -> Self {
        let mut facts = Box::<Facts>::default();
        facts.detail = detail.into();
        Self { kind, facts }
    }

    pub(crate) fn invalid(what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Invalid, what)
    }

    pub(crate) fn because(
        kind: ErrorKind,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        let mut error = Self::new(kind, "");
        error.facts.source = Some(source.into());
        error
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.facts.status = Some(status);
        self
    }

    /// What went wrong, in the last attempt.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// How many attempts the failed call had.
    pub fn attempts(&self) -> u32 {
        self.facts.attempts
    }

    /// The HTTP status of the last answer, if one arrived.
    pub fn status(&self) -> Option<u16> {
        self.facts.status.map(|status| status.as_u16())
    }

    /// How long the provider asked to wait (`Retry-After`), if that can be read.
    pub fn retry_after(&self) -> Option<Duration> {
        self.facts.retry_after.filter(|wait| *wait < Duration::MAX)
    }

    /// Whether the failed call is a `create` or `delete` that the provider may
    /// have carried out nevertheless.
    ///
    /// After a `create`, keep the secret: a webhook may exist that signs with it.
    pub fn may_have_taken_effect(&self) -> bool {
        self.facts.uncertain
    }

    /// The webhook that the run had created before it failed. Its secret is in
    /// use, unless [`deleted`](Self::deleted) names it too.
    pub fn created(&self) -> Option<&WebhookId> {
        self.facts.created.as_ref()
    }

    /// The webhooks that the run had deleted before it failed.
    pub fn deleted(&self) -> &[WebhookId] {
        &self.facts.deleted
    }

    /// The webhooks at the URL, active or not, in the last list that `ensure` or
    /// `rotate` read.
    pub fn found(&self) -> &[Webhook] {
        &self.facts.found
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

/// Without the listed webhooks, in which a provider may repeat a secret.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_tuple("Error");
        shown.field(&self.kind).field(&self.to_string());
        shown.field(&self.facts.source).finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = &*self.facts;
        if !facts.call.is_empty() {
            write!(f, "could not {}: ", facts.call)?;
        }
        f.write_str(self.kind.text())?;
        if !facts.detail.is_empty() {
            write!(f, ": {}", facts.detail)?;
        }
        if let Some(status) = self.status() {
            write!(f, " (status {status})")?;
        }
        if facts.attempts > 1 {
            write!(f, " (attempt {})", facts.attempts)?;
        }
        if facts.uncertain {
            f.write_str("; the provider may have carried it out")?;
        }
        if let Some(created) = &facts.created {
            write!(f, "; created webhook {created}")?;
        }
        for deleted in &facts.deleted {
            write!(f, "; deleted webhook {deleted}")?;
        }
        let mut separator = "; last list at this URL:";
        for found in &facts.found {
            let no = if found.is_active() { "" } else { "not " };
            write!(f, "{separator} {} {no}active", found.id)?;
            separator = ",";
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.facts.source.as_deref().map(|source| source as _)
    }
}
