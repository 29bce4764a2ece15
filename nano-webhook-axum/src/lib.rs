#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod answer;
mod extract;
mod layer;
mod once;
#[cfg(feature = "test-util")]
mod testing;
mod verify;

pub use answer::WebhookRejection;
pub use extract::Webhook;
pub use layer::{WebhookLayer, WebhookService};
#[cfg(feature = "test-util")]
pub use testing::signed_request;

pub use nano_webhook_core::dedupe::{
    Dedupe, DedupeBuilder, DeliveryId, LeaseHandle, MemoryStore, Outcome, OutcomeKind,
};
#[cfg(feature = "metrics")]
pub use nano_webhook_core::metrics;
pub use nano_webhook_core::{
    ConfigError, Credits, Delivery, ErrorKind, JobCompleted, JobFailed, JobStatus, MatchedSecret,
    Secret, SecretWarning, Signer, TaskType, UnixTime, UnknownEvent, Verifier, VerifierBuilder,
    WebhookError, WebhookEvent,
};
