//! What is actix's own: extractors that share a verification, configuration in
//! `app_data`, middleware in every place, workers, and the connection's end. The
//! protocol and the HTTP contract are tested with the tables of `conformance/`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod config;
mod dedupe;
mod extract;
mod http1;
mod http2;
mod middleware;
mod rejection;
mod sharing;
mod shutdown;
mod support;
mod workers;
