use std::time::Duration;

use crate::error::WebhookError;
use crate::header_field::HeaderField;

/// The answer to a request that was refused, in no framework's types. An
/// adapter copies it field by field.
///
/// The body is an RFC 9457 problem document with one more member, `code`. Its
/// text is fixed, so building it allocates nothing, and it tells a forger
/// nothing that he did not know.
///
/// ```
/// use nano_webhook_core::{HeaderField, WebhookError};
///
/// let error = WebhookError::MissingHeader { header: HeaderField::Signature };
/// let answer = error.response();
/// assert_eq!(answer.status, 401);
/// assert_eq!(answer.www_authenticate, Some("NanoSignature"));
/// assert!(answer.body.contains(r#""code":"missing_header""#));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProblemResponse {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`: `application/problem+json`.
    pub content_type: &'static str,
    /// `WWW-Authenticate`, which RFC 9110 asks of every 401.
    pub www_authenticate: Option<&'static str>,
    /// `Retry-After` in whole seconds, rounded up, at least 1.
    pub retry_after: Option<u64>,
    /// Whether an HTTP/1 answer carries `Connection: close`, because the
    /// request's body was not read. HTTP/2 has no such header.
    pub close: bool,
    /// The problem document.
    pub body: &'static str,
}

impl WebhookError {
    /// The answer that a sender gets.
    #[must_use]
    pub fn response(&self) -> ProblemResponse {
        let status = self.status();
        ProblemResponse {
            status,
            content_type: "application/problem+json",
            www_authenticate: (status == 401).then_some("NanoSignature"),
            retry_after: self.retry_after().map(whole_seconds),
            close: self.leaves_body_unread(),
            body: self.problem(),
        }
    }

    const fn problem(&self) -> &'static str {
        macro_rules! problem {
            ($status:literal, $title:literal, $code:literal, $detail:literal) => {
                concat!(
                    r#"{"type":"about:blank","title":""#,
                    $title,
                    r#"","status":"#,
                    $status,
                    r#","code":""#,
                    $code,
                    r#"","detail":""#,
                    $detail,
                    r#""}"#
                )
            };
        }
        match self {
            Self::MissingHeader { header } => match header {
                HeaderField::Timestamp => problem!(
                    401,
                    "Unauthorized",
                    "missing_header",
                    "The X-Nano-Timestamp header is missing."
                ),
                _ => problem!(
                    401,
                    "Unauthorized",
                    "missing_header",
                    "The X-Nano-Signature header is missing."
                ),
            },
            Self::DuplicateHeader { header } => match header {
                HeaderField::Timestamp => problem!(
                    400,
                    "Bad Request",
                    "duplicate_header",
                    "The X-Nano-Timestamp header must be there exactly once."
                ),
                _ => problem!(
                    400,
                    "Bad Request",
                    "duplicate_header",
                    "The X-Nano-Signature header must be there exactly once."
                ),
            },
            Self::MalformedTimestamp { .. } => problem!(
                400,
                "Bad Request",
                "malformed_timestamp",
                "The X-Nano-Timestamp header must be a Unix timestamp in ASCII digits."
            ),
            Self::MalformedSignature { .. } => problem!(
                400,
                "Bad Request",
                "malformed_signature",
                "The X-Nano-Signature header must be v1= and 64 lower-case hex digits."
            ),
            Self::Stale { .. } => problem!(
                401,
                "Unauthorized",
                "timestamp_out_of_tolerance",
                "The timestamp is too old."
            ),
            Self::Ahead { .. } => problem!(
                401,
                "Unauthorized",
                "timestamp_out_of_tolerance",
                "The timestamp is too far in the future."
            ),
            Self::UnsupportedContentEncoding => problem!(
                415,
                "Unsupported Media Type",
                "unsupported_content_encoding",
                "The body must be sent as it was signed, without a Content-Encoding."
            ),
            Self::BodyTooLarge { .. } => problem!(
                413,
                "Content Too Large",
                "body_too_large",
                "The body is larger than this endpoint accepts."
            ),
            Self::BodyTimeout { .. } => problem!(
                408,
                "Request Timeout",
                "body_timeout",
                "The body did not arrive in time."
            ),
            Self::BodyIncomplete { .. } => problem!(
                400,
                "Bad Request",
                "body_incomplete",
                "The body could not be read to its end."
            ),
            Self::SignatureMismatch { .. } => problem!(
                401,
                "Unauthorized",
                "signature_mismatch",
                "The signature does not match."
            ),
            Self::InvalidEvent { .. } => problem!(
                422,
                "Unprocessable Content",
                "invalid_event",
                "The body is correctly signed, but it is not an event of the documented form."
            ),
            Self::InProgress { .. } => problem!(
                503,
                "Service Unavailable",
                "in_progress",
                "This delivery is being handled. Send it again later."
            ),
            Self::StoreUnavailable { .. } => problem!(
                503,
                "Service Unavailable",
                "store_unavailable",
                "The delivery cannot be handled now. Send it again later."
            ),
            Self::NotConfigured { .. } => problem!(
                500,
                "Internal Server Error",
                "not_configured",
                "The endpoint is not configured to verify deliveries."
            ),
        }
    }
}

/// `Retry-After` takes whole seconds. Rounding down would invite the sender
/// back while the lease still runs.
fn whole_seconds(duration: Duration) -> u64 {
    let whole = duration.as_secs();
    let rounded = if duration.subsec_nanos() > 0 {
        whole.saturating_add(1)
    } else {
        whole
    };
    rounded.max(1)
}
