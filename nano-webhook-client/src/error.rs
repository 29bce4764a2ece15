use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::id::WebhookId;
use crate::kind::{ErrorKind, Operation};
use crate::webhook::Webhook;

/// A client that cannot be built, or a call that failed, and what it had changed
/// before.
///
/// The text names the operation, what went wrong, and, after
/// [`ensure`](crate::Client::ensure) or [`rotate`](crate::Client::rotate), the
/// webhooks that were created, deleted and last listed. Bodies of the provider's
/// answers are not quoted, because error pages repeat the key and the secret.
pub struct Error(pub(crate) Box<Inner>);

pub(crate) struct Inner {
    pub(crate) kind: ErrorKind,
    pub(crate) detail: Cow<'static, str>,
    pub(crate) status: Option<u16>,
    /// `Duration::MAX` if it cannot be read.
    pub(crate) retry_after: Option<Duration>,
    pub(crate) source: Option<Box<dyn StdError + Send + Sync>>,
    pub(crate) operation: Option<Operation>,
    pub(crate) attempts: u32,
    pub(crate) uncertain: bool,
    pub(crate) created: Option<WebhookId>,
    pub(crate) deleted: Vec<WebhookId>,
    pub(crate) found: Vec<Webhook>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            detail: detail.into(),
            status: None,
            retry_after: None,
            source: None,
            operation: None,
            attempts: 0,
            uncertain: false,
            created: None,
            deleted: Vec::new(),
            found: Vec::new(),
        }))
    }

    pub(crate) fn invalid(what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Invalid, what)
    }

    pub(crate) fn because(
        kind: ErrorKind,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        let mut error = Self::new(kind, "");
        error.0.source = Some(source.into());
        error
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// What went wrong, in the last attempt.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The call that failed, if one did. `ensure` and `rotate` make several.
    #[must_use]
    pub fn operation(&self) -> Option<&Operation> {
        self.0.operation.as_ref()
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

    /// Whether the failed call is a `create` or `delete` that the provider may
    /// have carried out nevertheless.
    ///
    /// After a `create`, keep the secret: a webhook may exist that signs with it.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        let changes = |operation: &Operation| *operation != Operation::List;
        self.0.uncertain && self.operation().is_some_and(changes)
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

/// Without the listed webhooks, in which a provider may repeat a secret.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_string();
        let (kind, source) = (&self.0.kind, &self.0.source);
        f.debug_tuple("Error")
            .field(kind)
            .field(&text)
            .field(source)
            .finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(operation) = &inner.operation {
            write!(f, "could not {operation}: ")?;
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
        let mut separator = "; last list at this URL:";
        for found in &inner.found {
            let no = if found.is_active() { "" } else { "not " };
            write!(f, "{separator} {} {no}active", found.id)?;
            separator = ",";
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| &**source as _)
    }
}
