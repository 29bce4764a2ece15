#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod config;
mod dedupe;
mod extract;
mod headers;
mod middleware;
mod receive;
mod receiving;
mod rejection;
mod replay;
mod response;
mod service;
mod sign;
mod verdict;

/// The pure core: verifier, secrets, events, deduplication. What is needed most
/// stands at the top of this crate as well.
pub use nano_webhook_core as core;
pub use nano_webhook_core::{
    ConfigError, Delivery, FromDelivery, JobCompleted, JobFailed, Secret, Tolerance, UnixTime,
    UnknownEvent, Verifier, WebhookError, WebhookEvent,
};

pub use config::WebhookConfig;
pub use dedupe::{DedupeFuture, DedupeMiddleware, DedupeService};
pub use extract::{Webhook, WebhookExtractFuture};
pub use middleware::WebhookMiddleware;
pub use rejection::WebhookRejection;
pub use service::{ResponseFuture, WebhookService};
pub use sign::signed_request;
