#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod access;
mod api;
mod attempt;
mod backoff;
mod builder;
mod control;
mod delivery;
mod error;
mod history;
mod job;
mod payload;
mod reach;
mod registry;
mod report;
mod running;
mod server;

pub use nano_webhook_core::{Secret, UnixTime};

pub use attempt::{Attempt, AttemptResult, Next, Refusal};
pub use builder::{Simulator, SimulatorBuilder};
pub use control::{Control, ControlError};
pub use error::{RegisterError, StartError, TriggerError};
pub use history::AttemptStream;
pub use job::{InvalidJob, Job, JobOutcome};
pub use registry::Webhook;
pub use report::{DeliveryOutcome, DeliveryReport, JobReport};
pub use running::{RunningSimulator, Triggered};
