//! Decides which network addresses a client may connect to.
//!
//! A URL from another party can point a client at services that only its own
//! machine can reach (server-side request forgery). [`Reach`] names the addresses
//! that are allowed. It resolves a host, judges **every** address, and returns the
//! addresses that were judged, so a second lookup cannot replace them (DNS
//! rebinding). A host with one address outside the reach is refused as a whole.
//!
//! With the feature `client`, [`Connector`] applies a reach to each connection of
//! hyper-util's client. That client uses no proxy and follows no redirections; a
//! caller that follows one by itself connects through the same reach. The feature
//! `tls` adds https.
//!
//! ```
//! use nano_webhook_fetch::Reach;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! assert!(Reach::Loopback.resolve("127.0.0.1", 3000).await.is_ok());
//! let error = Reach::Public.resolve("169.254.169.254", 80).await.unwrap_err();
//! assert_eq!(error.to_string(), "169.254.169.254 is not a public address");
//! # }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod address;
#[cfg(feature = "client")]
mod connector;
mod error;
mod reach;

#[cfg(feature = "client")]
pub use connector::Connector;
pub use error::ReachError;
pub use reach::{Reach, names_loopback};
