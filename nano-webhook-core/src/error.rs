//! Two kinds of error for two audiences: [`ConfigError`] for invalid settings,
//! [`WebhookError`] for a request that is rejected.

mod config;
mod details;
mod message;
mod table;
mod webhook;

pub use config::ConfigError;
pub(crate) use details::{InvalidEvent, MismatchClues};
#[cfg(feature = "metrics")]
pub(crate) use table::CODES;
pub use table::ErrorKind;
pub(crate) use table::Level;
pub(crate) use webhook::Failure;
pub use webhook::WebhookError;
