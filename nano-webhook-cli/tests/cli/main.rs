//! The program as a process: piped, and on a pseudo-terminal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod support;

mod completions;
#[cfg(unix)]
mod doctor;
#[cfg(unix)]
mod end_to_end;
#[cfg(unix)]
mod endpoints;
#[cfg(unix)]
mod listen;
mod send;
#[cfg(unix)]
mod simulate;
#[cfg(unix)]
mod terminal;
mod usage;
mod verify;
