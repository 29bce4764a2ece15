//! Two kinds of error for two audiences: [`ConfigError`] for who builds a
//! receiver, [`WebhookError`] for who operates it.

mod clues;
mod config;
mod invalid_event;
mod webhook;

pub use clues::MismatchClues;
pub use config::ConfigError;
pub use invalid_event::InvalidEvent;
pub use webhook::WebhookError;
