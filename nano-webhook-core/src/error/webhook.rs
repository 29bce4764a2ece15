use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{InvalidEvent, MismatchClues};
use crate::header_field::HeaderField;

/// Why a request did not reach the handler.
///
/// Each has a stable [`code`](Self::code) and a [`status`](Self::status). The
/// [`Display`](fmt::Display) text is for the operator: it says what was seen
/// and what to do. It goes to the log, not to the sender, who gets the fixed
/// text of [`response`](Self::response). Neither contains a secret or a MAC.
#[derive(Clone)]
#[non_exhaustive]
pub enum WebhookError {
    /// A header of the signature is not there. 401 `missing_header`
    MissingHeader {
        /// Which one.
        header: HeaderField,
    },
    /// A header of the signature is there more than once, with equal values or
    /// not (D5). 400 `duplicate_header`
    DuplicateHeader {
        /// Which one.
        header: HeaderField,
    },
    /// `X-Nano-Timestamp` is not 1 to 20 ASCII digits that fit in 64 bits (D4).
    /// 400 `malformed_timestamp`
    MalformedTimestamp {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// `X-Nano-Signature` is not `v1=` and 64 lower-case hex digits (D3).
    /// 400 `malformed_signature`
    MalformedSignature {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The timestamp lies too far in the past. 401 `timestamp_out_of_tolerance`
    Stale {
        /// How old it is.
        age: Duration,
        /// How old it may be.
        tolerance: Duration,
    },
    /// The timestamp lies too far in the future. 401 `timestamp_out_of_tolerance`
    Ahead {
        /// How far ahead of the receiver's clock it is.
        lead: Duration,
        /// How far ahead it may be.
        tolerance: Duration,
    },
    /// The body is encoded (compressed), so it cannot be what was signed.
    /// 415 `unsupported_content_encoding`
    UnsupportedContentEncoding,
    /// The body is larger than the limit. 413 `body_too_large`
    BodyTooLarge {
        /// The limit in bytes, unless a layer outside set it.
        limit: Option<usize>,
        /// What `Content-Length` announced, if that is what was refused.
        announced: Option<u64>,
    },
    /// The body did not arrive in time. 408 `body_timeout`
    BodyTimeout {
        /// How long the receiver waited for the whole body.
        after: Duration,
    },
    /// The body broke off or could not be read. 400 `body_incomplete`
    BodyIncomplete {
        /// What the connection reported.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// No secret makes this signature. 401 `signature_mismatch`
    SignatureMismatch {
        /// What an operator should look at first.
        clues: MismatchClues,
    },
    /// Correctly signed, but not an event that a handler can use. 422
    /// `invalid_event`
    InvalidEvent {
        /// What is wrong with it.
        source: InvalidEvent,
        /// The signed body, so that nothing is lost: keep it and look at it.
        body: Bytes,
    },
    /// Another request is handling the same delivery at this moment. 503
    /// `in_progress` with `Retry-After`
    InProgress {
        /// How long that one's lease has still to run.
        retry_after: Duration,
    },
    /// The deduplication store did not answer. 503 `store_unavailable` with
    /// `Retry-After`
    StoreUnavailable {
        /// When to try again.
        retry_after: Duration,
        /// What the store reported.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// The handler asks for a delivery, but nothing on its route verifies any, or
    /// something read the body before that. 500 `not_configured`
    NotConfigured {
        /// What to add, and where.
        remedy: &'static str,
    },
}

impl WebhookError {
    /// The stable code: in the problem document, in logs, in metrics.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MissingHeader { .. } => "missing_header",
            Self::DuplicateHeader { .. } => "duplicate_header",
            Self::MalformedTimestamp { .. } => "malformed_timestamp",
            Self::MalformedSignature { .. } => "malformed_signature",
            Self::Stale { .. } | Self::Ahead { .. } => "timestamp_out_of_tolerance",
            Self::UnsupportedContentEncoding => "unsupported_content_encoding",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::BodyTimeout { .. } => "body_timeout",
            Self::BodyIncomplete { .. } => "body_incomplete",
            Self::SignatureMismatch { .. } => "signature_mismatch",
            Self::InvalidEvent { .. } => "invalid_event",
            Self::InProgress { .. } => "in_progress",
            Self::StoreUnavailable { .. } => "store_unavailable",
            Self::NotConfigured { .. } => "not_configured",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::DuplicateHeader { .. }
            | Self::MalformedTimestamp { .. }
            | Self::MalformedSignature { .. }
            | Self::BodyIncomplete { .. } => 400,
            Self::MissingHeader { .. }
            | Self::Stale { .. }
            | Self::Ahead { .. }
            | Self::SignatureMismatch { .. } => 401,
            Self::BodyTimeout { .. } => 408,
            Self::BodyTooLarge { .. } => 413,
            Self::UnsupportedContentEncoding => 415,
            Self::InvalidEvent { .. } => 422,
            Self::NotConfigured { .. } => 500,
            Self::InProgress { .. } | Self::StoreUnavailable { .. } => 503,
        }
    }

    /// When the sender should try again, where that is known.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::InProgress { retry_after } | Self::StoreUnavailable { retry_after, .. } => {
                Some(*retry_after)
            }
            _ => None,
        }
    }

    /// Whether the answer goes out before the whole body was read. An HTTP/1
    /// connection is then closed: what follows on it is the rest of a body that
    /// nobody asked for.
    #[must_use]
    pub const fn leaves_body_unread(&self) -> bool {
        !matches!(
            self,
            Self::SignatureMismatch { .. }
                | Self::InvalidEvent { .. }
                | Self::InProgress { .. }
                | Self::StoreUnavailable { .. }
        )
    }
}

impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingHeader { header } => write!(
                f,
                "the {header} header is missing; the sender is not the provider, or a proxy drops it"
            ),
            Self::DuplicateHeader { header } => write!(
                f,
                "the {header} header is there more than once; look for a proxy that adds it again"
            ),
            Self::MalformedTimestamp { reason } => {
                write!(f, "the {} header is malformed: {reason}", HeaderField::Timestamp)
            }
            Self::MalformedSignature { reason } => {
                write!(f, "the {} header is malformed: {reason}", HeaderField::Signature)
            }
            Self::Stale { age, tolerance } => write!(
                f,
                "the timestamp is {} s old, {} s are allowed; check this machine's clock, or it is a replay",
                Seconds(*age),
                Seconds(*tolerance)
            ),
            Self::Ahead { lead, tolerance } => write!(
                f,
                "the timestamp is {} s ahead of this machine's clock, {} s are allowed; check the clock",
                Seconds(*lead),
                Seconds(*tolerance)
            ),
            Self::UnsupportedContentEncoding => f.write_str(
                "the body has a Content-Encoding, so it is not what was signed; look for a proxy that compresses requests",
            ),
            Self::BodyTooLarge { limit, announced } => {
                match announced {
                    Some(length) => write!(f, "Content-Length announces {length} bytes")?,
                    None => f.write_str("the body is too large")?,
                }
                match limit {
                    Some(limit) => write!(f, ", {limit} are allowed")?,
                    None => f.write_str(", a layer outside the verification allows less")?,
                }
                f.write_str("; raise the limit if the provider sends such bodies")
            }
            Self::BodyTimeout { after } => {
                write!(f, "the body was not there after {} s", Seconds(*after))
            }
            Self::BodyIncomplete { .. } => f.write_str("the body broke off or could not be read"),
            Self::SignatureMismatch { clues } => {
                write!(f, "the signature matches no secret; {clues}")
            }
            Self::InvalidEvent { source, body } => write!(
                f,
                "correctly signed, but not an event that can be handled: {source} ({} bytes)",
                body.len()
            ),
            Self::InProgress { retry_after } => write!(
                f,
                "the same delivery is being handled; its lease runs for another {} s",
                Seconds(*retry_after)
            ),
            Self::StoreUnavailable { .. } => {
                f.write_str("the deduplication store is unavailable, so the delivery was not handled")
            }
            Self::NotConfigured { remedy } => f.write_str(remedy),
        }
    }
}

/// The code and the text. Not what a correctly signed body says, which an
/// [`InvalidEvent`](Self::InvalidEvent) carries: that is for whoever asks for it.
impl fmt::Debug for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("WebhookError");
        debug
            .field("code", &self.code())
            .field("message", &format_args!("{self}"));
        if let Some(source) = self.source() {
            debug.field("source", &format_args!("{source}"));
        }
        debug.finish()
    }
}

impl Error for WebhookError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::BodyIncomplete { source } | Self::StoreUnavailable { source, .. } => {
                Some(source.as_ref())
            }
            Self::InvalidEvent { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// A duration in seconds, with milliseconds only where there are any.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.subsec_millis() {
            0 => write!(f, "{}", self.0.as_secs()),
            fraction => write!(f, "{}.{fraction:03}", self.0.as_secs()),
        }
    }
}
