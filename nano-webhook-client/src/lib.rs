#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod answer;
mod auth;
mod base_url;
mod build_error;
mod builder;
mod client;
mod ensure;
mod error;
mod error_kind;
mod hyper_transport;
mod id;
#[cfg(test)]
#[path = "../tests/interleavings/mod.rs"]
mod interleavings;
mod operation;
mod pages;
mod replace;
mod retry;
mod rotate;
mod same_url;
mod site;
mod transport;
mod webhook;

pub use nano_webhook_core::Secret;

pub use auth::Auth;
pub use build_error::BuildError;
pub use builder::ClientBuilder;
pub use client::Client;
pub use ensure::{Change, Ensured};
pub use error::Error;
pub use error_kind::ErrorKind;
pub use id::{InvalidId, WebhookId};
pub use operation::Operation;
pub use retry::RetryPolicy;
pub use rotate::{Rotated, Rotation};
pub use webhook::{EventType, NewWebhook, UnreadableEntry, Webhook, WebhookList, WebhookStatus};
