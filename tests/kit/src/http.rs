//! HTTP/1.1 by hand: a test decides which bytes are sent.

mod connection;
mod parse;
mod response;

pub use connection::{Connection, End, PATIENCE};
pub use response::Response;
