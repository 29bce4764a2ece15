//! Tests for what builds on this crate.

pub mod store;
