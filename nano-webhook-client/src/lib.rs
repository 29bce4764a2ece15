#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod answer;
mod auth;
mod base_url;
mod build_error;
mod builder;
mod client;
mod ensure;
mod error;
mod event_type;
mod id;
mod open_enum;
mod operation;
mod redact;
mod retry;
mod retry_after;
mod rotate;
mod same_url;
mod transport;
mod webhook;

pub use nano_webhook_core::Secret;
pub use reqwest;

pub use auth::Auth;
pub use build_error::BuildError;
pub use builder::ClientBuilder;
pub use client::Client;
pub use ensure::{Change, Ensured};
pub use error::{Error, ErrorKind};
pub use event_type::EventType;
pub use id::{InvalidId, WebhookId};
pub use operation::Operation;
pub use retry::RetryPolicy;
pub use rotate::Rotated;
pub use webhook::{NewWebhook, Webhook, WebhookStatus};
