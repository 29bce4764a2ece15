use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use redis::{ErrorKind, RedisError, RedisResult};
use tokio::runtime::Handle;

/// How soon an attempt to connect may follow one that failed. Calls in between
/// fail at once, with the same error.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a connection may leave calls unanswered before it is given up. A
/// server that is busy or frozen gets back to its calls, in their order; a
/// server that is gone without a word never does, and its connection would hang
/// until the operating system notices, in a quarter of an hour.
const PATIENCE: Duration = Duration::from_secs(5);

/// The one connection that all calls share, or the attempt to make it.
pub(super) struct Connection<C> {
    connect: Connect<C>,
    state: Mutex<State<C>>,
}

pub(super) type Connect<C> = Arc<dyn Fn() -> BoxFuture<'static, RedisResult<C>> + Send + Sync>;

type Attempt<C> = Shared<BoxFuture<'static, RedisResult<C>>>;

struct State<C> {
    /// Where connections live. A connection made on a worker's runtime would
    /// stand still whenever that worker is busy.
    home: Option<Handle>,
    number: u64,
    attempt: Option<Attempt<C>>,
    failed_at: Option<Instant>,
    unanswered_since: Option<Instant>,
}

impl<C: Clone + Send + Sync + 'static> Connection<C> {
    pub(super) fn new(connect: Connect<C>) -> Self {
        Self {
            connect,
            state: Mutex::new(State {
                home: Handle::try_current().ok(),
                number: 0,
                attempt: None,
                failed_at: None,
                unanswered_since: None,
            }),
        }
    }

    /// The connection and its number. Callers wait for one attempt together; it
    /// goes on if they stop waiting.
    pub(super) async fn get(&self) -> RedisResult<(u64, C)> {
        let (number, attempt) = self.attempt()?;
        match attempt.await {
            Ok(connection) => Ok((number, connection)),
            Err(error) => {
                let mut state = self.lock();
                if state.number == number {
                    state.failed_at.get_or_insert_with(Instant::now);
                    if error.kind() == ErrorKind::Client {
                        // Perhaps its runtime has ended: the next attempt takes
                        // the caller's.
                        state.home = None;
                    }
                }
                Err(error)
            }
        }
    }

    /// It has answered.
    pub(super) fn answered(&self, number: u64) {
        let mut state = self.lock();
        if state.number == number {
            state.unanswered_since = None;
        }
    }

    /// It has not answered in time.
    pub(super) fn unanswered(&self, number: u64) {
        let mut state = self.lock();
        if state.number == number {
            let since = *state.unanswered_since.get_or_insert_with(Instant::now);
            if since.elapsed() >= PATIENCE {
                state.forget();
            }
        }
    }

    /// It is of no more use.
    pub(super) fn broken(&self, number: u64) {
        let mut state = self.lock();
        if state.number == number {
            state.forget();
        }
    }

    fn attempt(&self) -> RedisResult<(u64, Attempt<C>)> {
        let mut state = self.lock();
        if state.failed_at.is_some_and(|at| at.elapsed() >= PAUSE) {
            state.forget();
        }
        if let Some(attempt) = &state.attempt {
            return Ok((state.number, attempt.clone()));
        }
        let attempt = self.begin(&mut state)?;
        state.number += 1;
        state.attempt = Some(attempt.clone());
        Ok((state.number, attempt))
    }

    fn begin(&self, state: &mut State<C>) -> RedisResult<Attempt<C>> {
        let current = || {
            Handle::try_current()
                .map_err(|_| failure("the store is called outside a Tokio runtime"))
        };
        let home = match state.home.take() {
            Some(home) => home,
            None => current()?,
        };
        let task = home.spawn((self.connect)());
        state.home = Some(home);
        Ok(task
            .map(|joined| {
                joined.unwrap_or_else(|_| Err(failure("the runtime of the connection has ended")))
            })
            .boxed()
            .shared())
    }

    fn lock(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C> State<C> {
    fn forget(&mut self) {
        self.attempt = None;
        self.failed_at = None;
        self.unanswered_since = None;
    }
}

fn failure(reason: &'static str) -> RedisError {
    RedisError::from((ErrorKind::Client, reason))
}
