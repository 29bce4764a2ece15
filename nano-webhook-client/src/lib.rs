#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod auth;
mod builder;
mod client;
mod ensure;
mod error;
mod hyper_transport;
mod id;
mod list;
#[cfg(test)]
#[path = "../tests/model/mod.rs"]
mod model;
mod pages;
mod replace;
mod retry;
mod rotate;
mod transport;
mod url;
mod webhook;

pub use nano_webhook_core::Secret;

pub use auth::Auth;
pub use builder::ClientBuilder;
pub use client::Client;
pub use ensure::{Change, Ensured};
pub use error::{Error, ErrorKind};
pub use id::WebhookId;
pub use list::{UnreadableEntry, WebhookList};
pub use retry::RetryPolicy;
pub use rotate::{Rotated, Rotation};
pub use webhook::{EventType, NewWebhook, Webhook};
