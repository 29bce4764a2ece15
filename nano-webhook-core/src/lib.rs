#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod body;
#[cfg(feature = "dedupe")]
pub mod dedupe;
mod delivery;
mod error;
mod event;
mod header_field;
mod headers;
mod log;
mod mac;
#[cfg(feature = "reserialized")]
mod reserialize;
mod response;
mod secret;
mod signature;
#[cfg(feature = "test-util")]
pub mod testing;
mod timestamp;
mod verifier;

pub use bytes::Bytes;

pub use delivery::{Delivery, FromDelivery, MatchedSecret};
pub use error::{ConfigError, InvalidEvent, MismatchClues, WebhookError};
pub use event::{
    Credits, JobCompleted, JobFailed, JobStatus, TaskType, UnknownEvent, WebhookEvent,
};
pub use header_field::HeaderField;
pub use headers::RequestHeaders;
#[cfg(feature = "reserialized")]
pub use reserialize::{ReserializeError, reserialize};
pub use response::ProblemResponse;
pub use secret::{Secret, SecretWarning};
pub use signature::{SignedHeaders, Signer};
pub use timestamp::{Tolerance, UnixTime};
pub use verifier::{Verification, Verifier, VerifierBuilder};
