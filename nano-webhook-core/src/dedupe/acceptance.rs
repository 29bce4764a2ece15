//! A suite that holds any [`DedupeStore`] to the contract of its table.
//!
//! It needs no runtime. A store on a clock of its own is tested in no time; one
//! on real time, or on a server's, is given a `unit` that is long beside a call:
//!
//! ```
//! # #[cfg(feature = "memory-store")] {
//! use std::time::Duration;
//! use nano_webhook_core::dedupe::acceptance::Acceptance;
//! use nano_webhook_core::dedupe::{ManualClock, MemoryStore};
//!
//! # futures_util::future::FutureExt::now_or_never(async {
//! let clock = ManualClock::default();
//! let store = MemoryStore::with_clock(1_000, &clock)?;
//! let sleep = |time| {
//!     clock.advance(time); // tokio::time::sleep(time), for real time
//!     std::future::ready(())
//! };
//! Acceptance::new(&store, Duration::from_secs(60), sleep).all().await?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap().unwrap();
//! # }
//! ```
//!
//! [`Acceptance::steps`] compares a store with a model of the contract over any
//! sequence of calls, for property tests and fuzzers.
//!
//! [`DedupeStore`]: super::DedupeStore

mod cases;
mod model;
mod names;
mod step;
mod suite;
mod violation;

pub use step::{Call, Pace, Step};
pub use suite::Acceptance;
pub use violation::Violation;
