use std::pin::Pin;

use redis::aio::ConnectionLike;
use redis::{Cmd, RedisError, Value};

/// A way to a server. The store bounds how long a call may take.
pub(crate) trait Link: Send + Sync {
    fn call<'a>(&'a self, command: &'a Cmd) -> Reply<'a>;
}

pub(crate) type Reply<'a> = Pin<Box<dyn Future<Output = Result<Value, LinkError>> + Send + 'a>>;

/// Why a command has no reply.
pub(crate) enum LinkError {
    /// No connection could be made.
    Connect(RedisError),
    /// The server refused the command, or the connection broke.
    Command(RedisError),
    /// The server did not answer in time.
    Timeout,
}

/// A connection that the user made.
impl<C> Link for C
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
{
    fn call<'a>(&'a self, command: &'a Cmd) -> Reply<'a> {
        Box::pin(async move {
            match command.query_async(&mut self.clone()).await {
                Ok(value) => Ok(value),
                Err(error) if error.is_timeout() => Err(LinkError::Timeout),
                Err(error) => Err(LinkError::Command(error)),
            }
        })
    }
}
