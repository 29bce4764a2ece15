//! How commands reach a server.

use futures_util::future::BoxFuture;
use redis::aio::ConnectionLike;
use redis::{Cmd, RedisError, Value};

mod connection;
mod reconnecting;

pub(crate) use reconnecting::{Reconnecting, Repair};

/// A way to a server. It may wait for as long as it likes: the store bounds it.
pub(crate) trait Link: Send + Sync {
    fn call<'a>(&'a self, command: &'a Cmd) -> BoxFuture<'a, Result<Value, LinkError>>;
}

/// Why a command had no answer.
pub(crate) enum LinkError {
    /// There is no connection.
    Connect(RedisError),
    /// The server's error, or a connection that broke.
    Command(RedisError),
}

/// The caller's own connection.
pub(crate) struct Given<C>(pub(crate) C);

impl<C> Link for Given<C>
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
{
    fn call<'a>(&'a self, command: &'a Cmd) -> BoxFuture<'a, Result<Value, LinkError>> {
        Box::pin(async move {
            command
                .query_async(&mut self.0.clone())
                .await
                .map_err(LinkError::Command)
        })
    }
}
