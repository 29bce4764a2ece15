//! The page's server over real sockets: bytes in, status, headers and content out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod exports;
mod feed;
mod gate;
mod layer;
mod media;
mod support;
mod token;
