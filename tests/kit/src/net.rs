mod environment;
mod http;
mod log;
mod postgres;
mod process;
mod proxy;
mod receiver;
mod redis;
mod request;
mod store;
mod wait;

pub use self::{
    environment::{number, seed},
    http::{Connection, End, Http2, Response, Stream},
    log::LogCapture,
    postgres::PostgresServer,
    process::{Process, Usage, command},
    proxy::{Fault, Proxy, ProxyState},
    receiver::{Framework, Receiver},
    redis::RedisServer,
    request::{SignedRequest, changed},
    store::{StoreCall, TestStore},
    wait::{PATIENCE, poll, until},
};
