//! Two kinds of error for two audiences: [`ConfigError`] for invalid settings,
//! [`WebhookError`] for a request that is rejected.

mod clues;
mod config;
mod invalid_event;
mod message;
mod table;
mod webhook;

pub(crate) use clues::MismatchClues;
pub use config::ConfigError;
pub(crate) use invalid_event::InvalidEvent;
pub use table::ErrorKind;
pub(crate) use table::Level;
#[cfg(feature = "metrics")]
pub(crate) use table::ROWS;
pub(crate) use webhook::Failure;
pub use webhook::WebhookError;
