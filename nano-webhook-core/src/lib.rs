#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub mod adapter;
mod answer;
#[cfg(feature = "dedupe")]
pub mod dedupe;
mod delivery;
mod error;
mod event;
mod head;
mod header_field;
mod keyring;
mod mac;
#[cfg(not(feature = "metrics"))]
mod metrics;
#[cfg(feature = "metrics")]
pub mod metrics;
#[cfg(feature = "reserialized")]
mod reserialize;
mod rules;
mod secret;
mod signer;
#[cfg(feature = "test-util")]
pub mod testing;
mod timestamp;
mod verification;
mod verifier;

pub use bytes::Bytes;

pub use delivery::Delivery;
pub use error::{ConfigError, ErrorKind, WebhookError};
pub use event::{
    Credits, JobCompleted, JobFailed, JobStatus, TaskType, UnknownEvent, WebhookEvent,
};
pub use keyring::MatchedSecret;
#[cfg(feature = "reserialized")]
pub use reserialize::{ReserializeError, reserialize};
pub use secret::{Secret, SecretWarning};
pub use signer::{SignedHeaders, Signer};
pub use timestamp::UnixTime;
pub use verifier::{Verifier, VerifierBuilder};
