#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod assets;
mod export;
mod feed;
mod gate;
mod inspector;
mod layer;
mod media;
mod problem;
mod record;
mod routes;
mod sending;
mod server;
mod store;
mod token;
mod tools;
mod view;

pub use inspector::{Inspector, InspectorBuilder};
pub use layer::InspectorLayer;
pub use nano_webhook_core::{Bytes, UnixTime, Verifier};
pub use nano_webhook_fetch::Reach;
pub use record::{Answer, Cause, Record, Verdict};
pub use server::Page;
pub use token::Token;
pub use tools::{BoxFuture, Order, OrderContent, Sent, Tools, Triggered};
