use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::error_kind::ErrorKind;
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
