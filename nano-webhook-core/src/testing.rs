//! Test suites for implementations of this crate's traits.

pub mod store;
