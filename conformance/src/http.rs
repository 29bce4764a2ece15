//! HTTP/1.1 by hand: what is sent is exactly what a row says, however odd.

mod connection;
mod parse;
mod response;

pub use connection::Connection;
pub use response::Response;
