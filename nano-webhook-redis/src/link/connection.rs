use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use redis::{ErrorKind, RedisError, RedisResult};
use tokio::runtime::Handle;

/// How soon an attempt to connect may follow one that failed. Calls in between
/// fail at once, with the same error.
const PAUSE: Duration = Duration::from_millis(100);

/// For how long nothing may be heard on a connection before a call that is not
/// answered in time is a reason to try another. One that fails is not followed
/// by the next any sooner.
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
    /// When there last was an answer, or the connection was begun.
    heard_at: Instant,
    probe: Option<Probe<C>>,
}

/// A second connection, made to find out whether it is the first one that is dead,
/// or the server that does not answer.
struct Probe<C> {
    attempt: Attempt<C>,
    begun_at: Instant,
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
                heard_at: Instant::now(),
                probe: None,
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
            state.heard_at = Instant::now();
            state.probe = None;
        }
    }

    /// It has not answered in time. True if another has taken its place.
    ///
    /// A server that is busy or frozen gets back to its calls, in their order, so
    /// its connection is kept. One that died without a word never does, and its
    /// connection would hang until the operating system notices, in a quarter of
    /// an hour. What tells them apart is that a new connection can be made.
    pub(super) async fn unanswered(&self, number: u64) -> bool {
        if let Some(attempt) = self.probe(number)
            && attempt.clone().await.is_ok()
        {
            self.lock().replace(number, attempt);
        }
        self.lock().number > number
    }

    /// It is of no more use.
    pub(super) fn broken(&self, number: u64) {
        let mut state = self.lock();
        if state.number == number {
            state.forget();
        }
    }

    fn probe(&self, number: u64) -> Option<Attempt<C>> {
        let mut state = self.lock();
        if state.number != number || state.heard_at.elapsed() < PATIENCE {
            return None;
        }
        if let Some(probe) = &state.probe
            && probe.begun_at.elapsed() < PATIENCE
        {
            return Some(probe.attempt.clone());
        }
        let attempt = self.begin(&mut state).ok()?;
        state.probe = Some(Probe {
            attempt: attempt.clone(),
            begun_at: Instant::now(),
        });
        Some(attempt)
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
        state.heard_at = Instant::now();
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
        self.probe = None;
    }

    /// Puts another in the place of this one, unless somebody has done so.
    fn replace(&mut self, number: u64, attempt: Attempt<C>) {
        if self.number == number {
            self.forget();
            self.number += 1;
            self.attempt = Some(attempt);
            self.heard_at = Instant::now();
        }
    }
}

fn failure(reason: &'static str) -> RedisError {
    RedisError::from((ErrorKind::Client, reason))
}
