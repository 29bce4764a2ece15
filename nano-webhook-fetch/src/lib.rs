#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod address;
#[cfg(feature = "client")]
mod connector;
mod reach;
mod url;

#[cfg(feature = "client")]
pub use connector::Connector;
pub use reach::{Reach, ReachError, names_loopback};
pub use url::{UrlError, http_url};
