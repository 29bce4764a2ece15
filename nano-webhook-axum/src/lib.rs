#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod body;
mod dedupe;
mod extract;
mod headers;
mod layer;
mod receive;
mod rejection;
mod response;
mod service;
mod sign;

/// The pure core: verifier, secrets, events, deduplication. What is needed most
/// stands at the top of this crate as well.
pub use nano_webhook_core as core;
pub use nano_webhook_core::{
    ConfigError, Delivery, FromDelivery, JobCompleted, JobFailed, Secret, Tolerance, UnixTime,
    UnknownEvent, Verifier, WebhookError, WebhookEvent,
};

pub use body::VerifiedBody;
pub use dedupe::{DedupeFuture, DedupeLayer, DedupeService};
pub use extract::{Webhook, WebhookRejection};
pub use layer::WebhookLayer;
pub use response::ResponseBody;
pub use service::{ResponseFuture, WebhookService};
pub use sign::signed_request;
