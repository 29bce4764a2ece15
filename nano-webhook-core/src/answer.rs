use std::borrow::Cow;
use std::time::Duration;

use crate::error::{Failure, WebhookError};

/// The answer to a rejected request, in no framework's types.
///
/// The body is an RFC 9457 problem document with one more member, `code`. Its
/// text is fixed, so it tells a sender nothing about the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    body: &'static str,
    retry_after: Option<Duration>,
}

impl Answer {
    /// The `Content-Type` of [`body`](Self::body).
    pub const CONTENT_TYPE: &'static str = "application/problem+json";

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The problem document.
    #[must_use]
    pub const fn body(&self) -> &'static str {
        self.body
    }

    /// The headers that belong to the status, by their names in lower case:
    /// `allow`, `www-authenticate` or `retry-after`. An answer in another format
    /// with the same status needs them too.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, Cow<'static, str>)> + use<> {
        let fixed = match self.status {
            401 => Some(("www-authenticate", Cow::Borrowed("NanoSignature"))),
            405 => Some(("allow", Cow::Borrowed("POST"))),
            _ => None,
        };
        let retry_after = self.retry_after.map(|after| {
            // Rounded down, it would invite the sender back while the lease still runs.
            let seconds = after.as_nanos().div_ceil(1_000_000_000).max(1);
            ("retry-after", Cow::Owned(seconds.to_string()))
        });
        fixed.into_iter().chain(retry_after)
    }
}

impl WebhookError {
    /// The answer that the sender gets.
    #[must_use]
    pub fn answer(&self) -> Answer {
        let row = self.failure().row();
        Answer {
            status: row.status,
            body: row.problem,
            retry_after: self.retry_after(),
        }
    }

    /// Whether an HTTP/1 connection ends with this answer, because the request's
    /// body was not read.
    #[must_use]
    pub fn closes_connection(&self) -> bool {
        self.failure().row().leaves_body_unread
    }

    /// For adapters: the connection closed, or failed, before the body was
    /// complete.
    #[must_use]
    pub fn body_incomplete(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Failure::Incomplete(source.into().into()).into()
    }

    /// For adapters: a layer outside the verification has a smaller body limit.
    #[must_use]
    pub fn body_too_large() -> Self {
        Failure::TooLarge {
            limit: None,
            announced: None,
        }
        .into()
    }

    /// For adapters: the handler asks for a delivery that no layer or
    /// configuration verifies. `remedy` says what to add, and where.
    #[must_use]
    pub fn not_configured(remedy: &'static str) -> Self {
        Failure::NotConfigured(remedy).into()
    }

    /// For adapters: the handler panicked, or its task was cancelled. Say which with
    /// [`because`](Self::because).
    #[must_use]
    pub fn handler_failed() -> Self {
        Failure::HandlerFailed(None).into()
    }
}
