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
mod triggered;

pub use nano_webhook_core::{Secret, UnixTime};

pub use attempt::{Attempt, AttemptResult, Next, Refusal};
pub use builder::{Simulator, SimulatorBuilder};
pub use control::Control;
pub use error::{Error, ErrorKind};
pub use history::AttemptStream;
pub use job::{Job, JobOutcome};
pub use registry::Webhook;
pub use report::{DeliveryOutcome, DeliveryReport, JobReport};
pub use running::RunningSimulator;
pub use triggered::Triggered;
