use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::event::InvalidEvent;
use crate::headers::HeaderField;

/// A mistake in how the receiver is set up. It is found when the receiver is
/// built, never while a request is served.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// The secret is empty. There is no mode that accepts unsigned deliveries.
    EmptySecret,
    /// The environment variable that should hold the secret is not set.
    MissingVariable {
        /// Its name.
        variable: String,
    },
    /// The environment variable is set, but not to Unicode text.
    VariableNotUnicode {
        /// Its name.
        variable: String,
    },
    /// The file that should hold the secret cannot be read.
    SecretFile {
        /// Its path.
        path: PathBuf,
        /// Why not.
        source: Arc<std::io::Error>,
    },
    /// The file that should hold the secret is not UTF-8 text.
    SecretFileNotUtf8 {
        /// Its path.
        path: PathBuf,
    },
    /// A limit or a duration is zero where that would refuse everything.
    Zero {
        /// Which setting.
        setting: &'static str,
    },
    /// A setting is larger than what can be honoured.
    TooLarge {
        /// Which setting.
        setting: &'static str,
    },
    /// The namespace of a deduplication store is empty.
    EmptyNamespace,
    /// Completed deliveries would be forgotten while they can still be
    /// replayed.
    RetentionTooShort {
        /// How long completions would be remembered.
        retention: Duration,
        /// For how long a signed delivery is accepted.
        window: Duration,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptySecret => f.write_str(
                "the webhook secret is empty; set it to the secret_key that the webhook was created with",
            ),
            Self::MissingVariable { variable } => write!(
                f,
                "the environment variable {variable} is not set; set it to the secret_key that the webhook was created with"
            ),
            Self::VariableNotUnicode { variable } => {
                write!(f, "the environment variable {variable} is not Unicode text")
            }
            Self::SecretFile { path, .. } => {
                write!(f, "the secret file {} cannot be read", path.display())
            }
            Self::SecretFileNotUtf8 { path } => {
                write!(f, "the secret file {} is not UTF-8 text", path.display())
            }
            Self::Zero { setting } => {
                write!(f, "{setting} is zero, so every delivery would be refused")
            }
            Self::TooLarge { setting } => write!(f, "{setting} is too large"),
            Self::EmptyNamespace => f.write_str(
                "the namespace is empty; name the account, environment and endpoint, so that services on one store do not swallow each other's deliveries",
            ),
            Self::RetentionTooShort { retention, window } => write!(
                f,
                "the retention of {retention:?} is shorter than the {window:?} for which a signed delivery is accepted, so a replay could be handled twice"
            ),
        }
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::SecretFile { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Why a request did not reach the handler.
///
/// Each has a stable [`code`](Self::code) and a [`status`](Self::status). The
/// [`Display`](fmt::Display) text is for the operator: it says what was seen
/// and what to do. It goes to the log, not to the sender, who gets the fixed
/// text of [`response`](Self::response). Neither contains a secret or a MAC.
#[derive(Clone, Debug)]
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
    /// The handler asks for a delivery, but nothing on its route verifies any.
    /// 500 `not_configured`
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

/// What an operator should look at when a signature does not match.
///
/// A mismatch has no visible cause, and it is the failure that costs people
/// their afternoons. These clues come from the receiver's own settings and from
/// the shape of the body. They are for the log, never for the sender. The
/// command line tool's `verify` works the actual cause out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MismatchClues {
    /// How many secrets were tried.
    pub secrets: usize,
    /// A secret begins or ends with white space.
    pub padded_secret: bool,
    /// The number of bytes in the body.
    pub body_len: usize,
    /// The body has line breaks or ends in white space. The provider is
    /// documented to sign `JSON.stringify` text, which has neither.
    pub reformatted_body: bool,
}

impl fmt::Display for MismatchClues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            secrets,
            padded_secret,
            body_len,
            reformatted_body,
        } = *self;
        write!(f, "tried {secrets} secret(s) on {body_len} bytes. ")?;
        if body_len == 0 {
            return f.write_str("The body is empty: something read it before the verification");
        }
        if reformatted_body {
            f.write_str(
                "The body has line breaks or trailing white space: something on the way has probably re-formatted it. ",
            )?;
        }
        if padded_secret {
            f.write_str("A secret begins or ends with white space: was it copied along? ")?;
        }
        f.write_str(
            "Usual causes: the secret belongs to another webhook or environment, it was rotated and the previous one is not configured, or a proxy changed the body",
        )
    }
}
