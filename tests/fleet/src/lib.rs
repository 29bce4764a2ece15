//! Receivers that leave evidence behind.
//!
//! Each of two small receivers (`fleet-axum`, `fleet-actix`) claims deliveries in a
//! shared store. A [`Ledger`] counts them in the database of the claims, in the
//! transaction that completes them. [`Evidence`] is files in a folder that all
//! processes share:
//!
//! - `running/TASK` exists while a handler works on a task. It is created with
//!   `O_EXCL`: a handler that finds it has met another one at the same work, and
//!   notes it in `overlaps`.
//! - `done` has a line for each success, with the attempt and the process.
//! - `gate/TASK` lets a task that was told to wait go on.
//!
//! What a task is told stands in its id: `fail-…` fails one time in ten,
//! `hold-…` waits for its gate.

mod evidence;
mod ledger;
mod settings;
mod work;

pub use evidence::{Done, Evidence};
pub use ledger::Ledger;
pub use settings::Settings;
pub use work::Work;
