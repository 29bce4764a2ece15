//! The documented check as the judge: Node runs the provider's snippet over
//! generated deliveries, and no verdict may differ from it except where
//! DESIGN.md says so (D1 to D5).
//!
//! `NANO_WEBHOOK_CASES` and `NANO_WEBHOOK_SEED` choose how many deliveries and
//! which. The seed is printed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod case;
mod damage;
mod differential;
mod documents;
mod draft;
mod http;
mod node;
mod oracle;
mod receivers;
