use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, ErrorKind, RedisError, RedisResult};
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use crate::eviction;
use crate::link::{Link, LinkError, Reply};
use crate::refusal::Refusal;

/// Time from a failed attempt to connect to the next one. Calls in between fail
/// with the same error.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a connection may leave calls unanswered before it is replaced.
///
/// The operating system reports a peer that acknowledges nothing (see
/// `socket.rs`). This bound is for what it cannot see: a proxy that is alive and
/// has lost its server, and systems without a user timeout. A server that is only
/// busy or frozen for less than this keeps its connection, and the order of its
/// calls.
const LONGEST_SILENCE: Duration = Duration::from_secs(5);

/// One connection to one server, which all calls share. It is made when it is
/// first needed, and replaced when it is broken.
///
/// The `ConnectionManager` of the redis crate is not enough: it keeps a server
/// that was demoted to a replica.
pub(crate) struct Reconnecting {
    client: Client,
    config: AsyncConnectionConfig,
    response_timeout: Duration,
    /// The runtime on which connections live. One that is made on a worker's
    /// runtime would stand still whenever that worker is busy.
    home: Option<Handle>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<Arc<Connected>>,
    failure: Option<(Instant, RedisError)>,
}

struct Connected {
    connection: MultiplexedConnection,
    /// When a call was first found unanswered, unless one was answered since.
    silent_since: std::sync::Mutex<Option<Instant>>,
}

impl Reconnecting {
    pub(crate) fn new(client: Client, response_timeout: Duration) -> Self {
        // The response timeout is applied in `call`: the client would report it like a
        // connection that timed out.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(response_timeout.saturating_mul(2)))
            .set_response_timeout(None);
        Self {
            client,
            config,
            response_timeout,
            home: Handle::try_current().ok(),
            state: Mutex::default(),
        }
    }

    /// The connection. Other calls wait while one of them makes it.
    async fn connected(&self) -> RedisResult<Arc<Connected>> {
        let mut state = self.state.lock().await;
        if let Some(connected) = &state.current {
            return Ok(Arc::clone(connected));
        }
        if let Some((at, error)) = &state.failure
            && at.elapsed() < PAUSE
        {
            return Err(error.clone());
        }
        let made = self.connect().await.map(|connection| {
            Arc::new(Connected {
                connection,
                silent_since: std::sync::Mutex::default(),
            })
        });
        match &made {
            Ok(connected) => state.current = Some(Arc::clone(connected)),
            Err(error) => state.failure = Some((Instant::now(), error.clone())),
        }
        made
    }

    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let runtimes = [self.home.clone(), Handle::try_current().ok()];
        for runtime in runtimes.into_iter().flatten() {
            let (client, config) = (self.client.clone(), self.config.clone());
            let response_timeout = self.response_timeout;
            let attempt = runtime.spawn(async move {
                let connection = client
                    .get_multiplexed_async_connection_with_config(&config)
                    .await?;
                let check = eviction::check(connection.clone());
                let _ = tokio::time::timeout(response_timeout, check).await;
                Ok(connection)
            });
            // It fails if the runtime has ended, or the client panicked.
            if let Ok(result) = attempt.await {
                return result;
            }
        }
        let reason = "the attempt to connect panicked, or its runtime has ended";
        Err((ErrorKind::Client, reason).into())
    }

    async fn give_up(&self, connected: &Arc<Connected>) {
        let mut state = self.state.lock().await;
        // Another call may have replaced it.
        state.current = state
            .current
            .take()
            .filter(|current| !Arc::ptr_eq(current, connected));
    }
}

impl Link for Reconnecting {
    fn call<'a>(&'a self, command: &'a Cmd) -> Reply<'a> {
        Box::pin(async move {
            let mut repeated = false;
            loop {
                let connected = self.connected().await.map_err(LinkError::Connect)?;
                let mut connection = connected.connection.clone();
                let reply = command.query_async(&mut connection);
                let error = match tokio::time::timeout(self.response_timeout, reply).await {
                    Ok(Err(error)) if is_broken(&error) => LinkError::Command(error),
                    Ok(reply) => {
                        *connected.silent_since() = None;
                        return reply.map_err(LinkError::Command);
                    }
                    Err(_) => {
                        let mut since = connected.silent_since();
                        if since.get_or_insert_with(Instant::now).elapsed() < LONGEST_SILENCE {
                            return Err(LinkError::Timeout);
                        }
                        LinkError::Timeout
                    }
                };
                self.give_up(&connected).await;
                // Calls of the contract can be repeated. So the first delivery after
                // a restart of the server, or after the silent death of an idle
                // connection, is not rejected.
                if repeated {
                    return Err(error);
                }
                repeated = true;
            }
        })
    }
}

impl Connected {
    fn silent_since(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.silent_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_broken(error: &RedisError) -> bool {
    // A demoted server: its address may lead to the new primary by now.
    Refusal::of(error) == Some(Refusal::Replica)
        || error.is_io_error()
        || error.is_unrecoverable_error()
}
