//! HTTP by hand: a test decides which bytes are sent.

mod connection;
mod http2;
mod parse;
mod response;

pub use connection::{Connection, End};
pub use http2::{Http2, Stream};
pub use response::Response;
