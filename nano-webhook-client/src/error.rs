use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::id::WebhookId;
use crate::operation::Operation;
use crate::webhook::Webhook;

/// A call that failed, and what it had changed before.
///
/// The text names the operation, what went wrong, and, after
/// [`ensure`](crate::Client::ensure) or [`rotate`](crate::Client::rotate), the
/// webhooks that were created, deleted and last listed. Bodies of the provider's
/// answers are not quoted, because error pages repeat the key and the secret.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    operation: Operation,
    attempts: u32,
    uncertain: bool,
    status: Option<u16>,
    retry_after: Option<Duration>,
    detail: Cow<'static, str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    created: Option<WebhookId>,
    deleted: Vec<WebhookId>,
    found: Vec<Webhook>,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
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
    /// Whether the calls succeeded, and their answers are the problem.
    const fn is_verdict(self) -> bool {
        matches!(
            self,
            Self::Conflict | Self::NotAsRequested | Self::NotActive | Self::IdsNotAscending
        )
    }

    const fn text(self) -> &'static str {
        match self {
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
            Self::NotActive => {
                "the newest webhook at this URL is not active; activate or delete it"
            }
            Self::IdsNotAscending => "the new webhook has a smaller id than an existing one",
        }
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: Operation::List,
            attempts: 1,
            uncertain: false,
            status: None,
            retry_after: None,
            detail: Cow::Borrowed(""),
            source: None,
            created: None,
            deleted: Vec::new(),
            found: Vec::new(),
        }))
    }

    pub(crate) fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = detail.into();
        self
    }

    pub(crate) fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    pub(crate) fn during(mut self, operation: &Operation, attempts: u32, uncertain: bool) -> Self {
        self.0.operation = operation.clone();
        self.0.attempts = attempts;
        self.0.uncertain = uncertain;
        self
    }

    pub(crate) fn having(
        mut self,
        created: Option<WebhookId>,
        deleted: &[WebhookId],
        found: &[Webhook],
    ) -> Self {
        self.0.created = self.0.created.or(created);
        self.0.deleted = deleted.to_vec();
        self.0.found = found.to_vec();
        self
    }

    /// What went wrong, in the last attempt.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The call that failed. `ensure` and `rotate` make several calls.
    #[must_use]
    pub fn operation(&self) -> &Operation {
        &self.0.operation
    }

    /// How many attempts the failed call had.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The HTTP status of the last answer, if one arrived.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// How long the provider asked to wait (`Retry-After`), if that can be read.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after.filter(|wait| *wait < Duration::MAX)
    }

    /// As [`retry_after`](Self::retry_after); `Duration::MAX` if it cannot be read.
    pub(crate) fn asked_wait(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the failed call is a `create` or `delete` that the provider may
    /// have carried out nevertheless.
    ///
    /// After a `create`, keep the secret: a webhook may exist that signs with it.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        self.0.operation != Operation::List && self.0.uncertain
    }

    /// The webhook that the run had created before it failed. Its secret is in
    /// use, unless [`deleted`](Self::deleted) names it too.
    #[must_use]
    pub fn created(&self) -> Option<&WebhookId> {
        self.0.created.as_ref()
    }

    /// The webhooks that the run had deleted before it failed.
    #[must_use]
    pub fn deleted(&self) -> &[WebhookId] {
        &self.0.deleted
    }

    /// The webhooks at the URL, active or not, in the last list that `ensure` or
    /// `rotate` read.
    #[must_use]
    pub fn found(&self) -> &[Webhook] {
        &self.0.found
    }

    /// Whether this attempt may have changed something. 4xx means that the request
    /// was not carried out (RFC 9110, section 15.5); a 5xx may come from a proxy.
    pub(crate) fn is_uncertain(&self) -> bool {
        match self.0.kind {
            ErrorKind::Refused => self.0.status >= Some(500),
            ErrorKind::Unreachable | ErrorKind::Redirected => false,
            _ => true,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("text", &self.to_string())
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if !inner.kind.is_verdict() {
            write!(f, "could not {}: ", inner.operation)?;
        }
        f.write_str(inner.kind.text())?;
        if !inner.detail.is_empty() {
            write!(f, ": {}", inner.detail)?;
        }
        if let Some(status) = inner.status {
            write!(f, " (status {status})")?;
        }
        if inner.attempts > 1 {
            write!(f, " (attempt {})", inner.attempts)?;
        }
        if self.may_have_taken_effect() {
            f.write_str("; the provider may have carried it out")?;
        }
        if let Some(created) = &inner.created {
            write!(f, "; created webhook {created}")?;
        }
        for deleted in &inner.deleted {
            write!(f, "; deleted webhook {deleted}")?;
        }
        for (position, found) in inner.found.iter().enumerate() {
            let separator = if position == 0 {
                "; last list at this URL:"
            } else {
                ","
            };
            let state = if found.is_active() {
                "active"
            } else {
                "not active"
            };
            write!(f, "{separator} {} {state}", found.id)?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| &**source as _)
    }
}
