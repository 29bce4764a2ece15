use super::Failure;
use crate::header_field::HeaderField;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Error,
    Warn,
    Info,
    Debug,
    /// By the claim, together with the delivery.
    Logged,
}

/// What the sender and the log are told about one kind of failure.
pub(crate) struct Row {
    pub(crate) kind: ErrorKind,
    pub(crate) code: &'static str,
    pub(crate) status: u16,
    pub(crate) level: Level,
    /// The answer is sent before the whole body was read.
    pub(crate) leaves_body_unread: bool,
    pub(crate) problem: &'static str,
}

const UNREAD: bool = true;
const READ: bool = false;

/// The whole table of failures: kind, code, status, title, log level, whether
/// the body stays unread, and the detail that the sender gets.
macro_rules! table {
    ($($failure:pat => $kind:ident $code:literal $status:literal $title:literal $level:ident $unread:ident $detail:literal;)+) => {
        impl Failure {
            pub(crate) const fn row(&self) -> &'static Row {
                match self {
                    $($failure => &Row {
                        kind: ErrorKind::$kind,
                        code: $code,
                        status: $status,
                        level: Level::$level,
                        leaves_body_unread: $unread,
                        problem: concat!(
                            r#"{"type":"about:blank","title":""#, $title,
                            r#"","status":"#, $status,
                            r#","code":""#, $code,
                            r#"","detail":""#, $detail, r#""}"#
                        ),
                    },)+
                }
            }
        }

        #[cfg(feature = "metrics")]
        pub(crate) const CODES: &[&str] = &[$($code),+];
    };
}

table! {
    Self::Method => MethodNotAllowed "method_not_allowed" 405 "Method Not Allowed" Debug UNREAD
        "Deliveries are sent with POST.";
    Self::Missing(HeaderField::Timestamp) => MissingHeader "missing_header" 401 "Unauthorized" Warn UNREAD
        "The X-Nano-Timestamp header is missing.";
    Self::Missing(_) => MissingHeader "missing_header" 401 "Unauthorized" Warn UNREAD
        "The X-Nano-Signature header is missing.";
    Self::Duplicate(HeaderField::Timestamp) => DuplicateHeader "duplicate_header" 400 "Bad Request" Warn UNREAD
        "The X-Nano-Timestamp header must be there exactly once.";
    Self::Duplicate(_) => DuplicateHeader "duplicate_header" 400 "Bad Request" Warn UNREAD
        "The X-Nano-Signature header must be there exactly once.";
    Self::Malformed(HeaderField::Timestamp, _) => MalformedTimestamp "malformed_timestamp" 400 "Bad Request" Warn UNREAD
        "The X-Nano-Timestamp header must be a Unix timestamp in ASCII digits.";
    Self::Malformed(..) => MalformedSignature "malformed_signature" 400 "Bad Request" Warn UNREAD
        "The X-Nano-Signature header must be v1= and 64 lower-case hex digits.";
    Self::Stale { .. } => TimestampOutOfTolerance "timestamp_out_of_tolerance" 401 "Unauthorized" Warn UNREAD
        "The timestamp is too old.";
    Self::Ahead { .. } => TimestampOutOfTolerance "timestamp_out_of_tolerance" 401 "Unauthorized" Warn UNREAD
        "The timestamp is too far in the future.";
    Self::Encoded => UnsupportedContentEncoding "unsupported_content_encoding" 415 "Unsupported Media Type" Warn UNREAD
        "The body must be sent as it was signed, without a Content-Encoding.";
    Self::TooLarge { .. } => BodyTooLarge "body_too_large" 413 "Content Too Large" Warn UNREAD
        "The body is larger than this endpoint accepts.";
    Self::Timeout(_) => BodyTimeout "body_timeout" 408 "Request Timeout" Warn UNREAD
        "The body did not arrive in time.";
    Self::Incomplete(_) => BodyIncomplete "body_incomplete" 400 "Bad Request" Warn UNREAD
        "The body could not be read to its end.";
    Self::Mismatch(_) => SignatureMismatch "signature_mismatch" 401 "Unauthorized" Warn READ
        "The signature does not match.";
    Self::InvalidEvent { .. } => InvalidEvent "invalid_event" 422 "Unprocessable Content" Error READ
        "The body is correctly signed, but it is not an event of the documented form.";
    Self::InProgress { .. } => InProgress "in_progress" 503 "Service Unavailable" Logged READ
        "This delivery is being handled. Send it again later.";
    Self::Store { .. } => StoreUnavailable "store_unavailable" 503 "Service Unavailable" Logged READ
        "The delivery cannot be handled now. Send it again later.";
    Self::Parked { .. } => Parked "parked" 503 "Service Unavailable" Logged READ
        "The delivery waits for an operator. Send it again later.";
    Self::RetryLater { .. } => RetryLater "retry_later" 503 "Service Unavailable" Info READ
        "The delivery cannot be handled yet. Send it again later.";
    Self::HandlerFailed(_) => HandlerFailed "handler_failed" 500 "Internal Server Error" Error READ
        "The delivery could not be handled. Send it again later.";
    Self::NotConfigured(_) => NotConfigured "not_configured" 500 "Internal Server Error" Error UNREAD
        "The endpoint is not configured to verify deliveries.";
}

/// What went wrong, for a `match`. [`WebhookError::code`](crate::WebhookError::code)
/// is the same as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The method is not POST. 405 `method_not_allowed`
    MethodNotAllowed,
    /// A header of the signature is missing. 401 `missing_header`
    MissingHeader,
    /// A header of the signature is repeated, even with equal values. 400
    /// `duplicate_header`
    DuplicateHeader,
    /// `X-Nano-Timestamp` is not 1 to 20 ASCII digits that fit in 64 bits. 400
    /// `malformed_timestamp`
    MalformedTimestamp,
    /// `X-Nano-Signature` is not `v1=` and 64 lower-case hex digits. 400
    /// `malformed_signature`
    MalformedSignature,
    /// The timestamp is too far in the past or in the future. 401
    /// `timestamp_out_of_tolerance`
    TimestampOutOfTolerance,
    /// The body has a `Content-Encoding`, so its bytes are not the signed ones.
    /// 415 `unsupported_content_encoding`
    UnsupportedContentEncoding,
    /// The body is larger than the body limit. 413 `body_too_large`
    BodyTooLarge,
    /// The body did not arrive within the body timeout. 408 `body_timeout`
    BodyTimeout,
    /// The connection closed before the body was complete. 400
    /// `body_incomplete`
    BodyIncomplete,
    /// No secret matches the signature. 401 `signature_mismatch`
    SignatureMismatch,
    /// The body is correctly signed, but lacks what a handler needs. 422
    /// `invalid_event`
    InvalidEvent,
    /// Another request is processing the same delivery. 503 `in_progress` with
    /// `Retry-After`
    InProgress,
    /// The deduplication store did not answer. 503 `store_unavailable` with
    /// `Retry-After`
    StoreUnavailable,
    /// An earlier attempt ended without an outcome, and the receiver parks such
    /// deliveries for an operator. 503 `parked` with `Retry-After`
    Parked,
    /// The handler asked for the delivery to be sent again later. 503
    /// `retry_later` with `Retry-After`
    RetryLater,
    /// The handler panicked, or its task was cancelled. 500 `handler_failed`
    HandlerFailed,
    /// The handler asks for a delivery, but no layer or configuration verifies
    /// the request. 500 `not_configured`
    NotConfigured,
}
