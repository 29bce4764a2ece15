use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use redis::aio::ConnectionLike;
use redis::{Cmd, RedisError, RedisResult, Value};

use super::connection::Connection;
use super::{Link, LinkError};
use crate::refusal::Refusal;

/// A connection that is made when it is first needed, and made again when it is
/// of no more use.
///
/// The client's `ConnectionManager` is not enough: it stays with a server that
/// was demoted to a replica, and it never tries again after a connection that
/// was refused for another reason than the network (a limit of clients, a
/// password that was being changed).
pub(crate) struct Reconnecting<C> {
    connection: Connection<C>,
    repair: Repair,
}

/// Who mends a connection that broke.
#[derive(Clone, Copy)]
pub(crate) enum Repair {
    /// We do: it is one connection, and has no other use.
    Ours,
    /// The client does: it is many connections, and one may break while the
    /// others are well. It is only given up if none of them answers.
    #[cfg(feature = "cluster")]
    Clients,
}

impl<C> Reconnecting<C>
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
{
    pub(crate) fn new<F>(repair: Repair, connect: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = RedisResult<C>> + Send + 'static,
    {
        Self {
            connection: Connection::new(Arc::new(move || connect().boxed())),
            repair,
        }
    }
}

impl<C> Link for Reconnecting<C>
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
{
    fn call<'a>(&'a self, command: &'a Cmd) -> BoxFuture<'a, Result<Value, LinkError>> {
        Box::pin(async move {
            let mut repeated = false;
            loop {
                let (number, mut connection) =
                    self.connection.get().await.map_err(LinkError::Connect)?;
                let answer = command.query_async(&mut connection).await;
                let another = match (Verdict::of(&answer), self.repair) {
                    (Verdict::Answered, _) => {
                        self.connection.answered(number);
                        false
                    }
                    (Verdict::Unanswered, _) => self.connection.unanswered(number).await,
                    #[cfg(feature = "cluster")]
                    (Verdict::Broken, Repair::Clients) => self.connection.unanswered(number).await,
                    (Verdict::Broken, Repair::Ours) => {
                        self.connection.broken(number);
                        true
                    }
                };
                // Every call of the contract may be repeated. So the first delivery
                // after a restart of the server, or after the silent death of an idle
                // connection, does not suffer.
                if another && !repeated {
                    repeated = true;
                    continue;
                }
                return answer.map_err(LinkError::Command);
            }
        })
    }
}

/// What an answer says of its connection.
enum Verdict {
    Answered,
    Unanswered,
    Broken,
}

impl Verdict {
    fn of(answer: &RedisResult<Value>) -> Self {
        match answer {
            Ok(_) => Self::Answered,
            Err(error) if error.is_timeout() => Self::Unanswered,
            Err(error) if is_broken(error) => Self::Broken,
            Err(_) => Self::Answered,
        }
    }
}

fn is_broken(error: &RedisError) -> bool {
    // A demoted server: the address may lead to the new one by now.
    Refusal::of(error) == Some(Refusal::Replica)
        || error.is_io_error()
        || error.is_unrecoverable_error()
}
