//! What the tests share, each thing once: a raw HTTP client ([`Connection`], [`Http2`]), a
//! process launcher ([`Process`]) for receivers, Redis and Postgres, a [`Proxy`] that can
//! be told to fail, a log capture ([`LogCapture`]), a store whose
//! answers a test controls ([`TestStore`]), and an [`oracle`].
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test helper fails by panicking"
)]
#![allow(missing_docs, reason = "names say it; where they do not, a line does")]

#[cfg(feature = "net")]
mod net;
pub mod oracle;

#[cfg(feature = "net")]
pub use self::net::*;
