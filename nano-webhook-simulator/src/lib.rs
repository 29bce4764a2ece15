#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
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
mod http;
mod job;
mod lifecycle;
mod payload;
mod registry;
mod report;
mod running;

pub use nano_webhook_core::{Secret, UnixTime};

pub use attempt::{Attempt, AttemptResult, Next, Refusal};
pub use builder::{Simulator, SimulatorBuilder};
pub use control::Control;
pub use error::{Error, ErrorKind};
pub use history::AttemptStream;
pub use job::Job;
pub use registry::Webhook;
pub use report::{DeliveryOutcome, DeliveryReport, JobReport, Triggered};
pub use running::RunningSimulator;
