use std::fmt;
use std::time::Duration;

use super::{Failure, WebhookError};

/// For the operator: what was seen, and what to do.
impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.failure() {
            Failure::Method => f.write_str("the method is not POST"),
            Failure::Missing(header) => write!(
                f,
                "the {header} header is missing; the sender is not the provider, or a proxy drops it"
            ),
            Failure::Duplicate(header) => write!(
                f,
                "the {header} header is repeated; look for a proxy that adds it again"
            ),
            Failure::Malformed(header, reason) => {
                write!(f, "the {header} header is malformed: {reason}")
            }
            Failure::Stale { age, tolerance } => write!(
                f,
                "the timestamp is {} s old, {} s are allowed; check this machine's clock, or it is a replay",
                Seconds(*age),
                Seconds(*tolerance)
            ),
            Failure::Ahead { lead, tolerance } => write!(
                f,
                "the timestamp is {} s ahead of this machine's clock, {} s are allowed; check the clock",
                Seconds(*lead),
                Seconds(*tolerance)
            ),
            Failure::Encoded => f.write_str(
                "the body has a Content-Encoding, so its bytes are not the signed ones; look for a proxy that compresses requests",
            ),
            Failure::TooLarge { limit, announced } => {
                match announced {
                    Some(length) => write!(f, "Content-Length announces {length} bytes")?,
                    None => f.write_str("the body is too large")?,
                }
                match limit {
                    Some(limit) => write!(f, ", {limit} are allowed")?,
                    None => f.write_str(", a layer outside the verification allows less")?,
                }
                f.write_str("; raise the body limit if the provider sends such bodies")
            }
            Failure::Timeout(after) => {
                write!(f, "the body did not arrive within {} s", Seconds(*after))
            }
            Failure::Incomplete(_) => {
                f.write_str("the connection closed before the body was complete")
            }
            Failure::Mismatch(clues) => write!(f, "the signature matches no secret; {clues}"),
            Failure::InvalidEvent { source, body } => write!(
                f,
                "correctly signed, but not an event that can be handled: {source} ({} bytes)",
                body.len()
            ),
            Failure::InProgress { retry_after } => write!(
                f,
                "another request is processing the same delivery; its lease ends in {} s",
                Seconds(*retry_after)
            ),
            Failure::Store { .. } => {
                f.write_str("the deduplication store is unavailable, so the delivery was not handled")
            }
            Failure::Parked { .. } => f.write_str(
                "an earlier attempt ended without an outcome, so the delivery is parked; release it with Dedupe::release_parked",
            ),
            Failure::RetryLater { after, .. } => write!(
                f,
                "the handler asked for the delivery to be sent again in {} s",
                Seconds(*after)
            ),
            Failure::HandlerFailed(_) => {
                f.write_str("the handler panicked, or its task was cancelled")
            },
            Failure::NotConfigured(remedy) => f.write_str(remedy),
        }
    }
}

/// A duration in seconds, with milliseconds where it has any.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.subsec_millis() {
            0 => write!(f, "{}", self.0.as_secs()),
            fraction => write!(f, "{}.{fraction:03}", self.0.as_secs()),
        }
    }
}
