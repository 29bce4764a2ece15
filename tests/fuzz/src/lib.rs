//! What the fuzz targets check. Each target hands its bytes to one `check`,
//! which fails if core and the oracle disagree; so does the test over the seeds,
//! which needs neither libFuzzer nor instrumentation.
#![allow(clippy::missing_panics_doc)]

pub mod event;
pub mod headers;
mod receiver;
pub mod request;
pub mod reserialize;
pub mod seeds;
pub mod verdict;
