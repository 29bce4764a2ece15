#![doc = include_str!("../README.md")]
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
