use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::{Either, select};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqlitePool, SqliteRow};
use sqlx::{Sqlite, Transaction};
use tokio::sync::oneshot;

use crate::error::SqlStoreError;
use crate::store::bounded;

/// How many statements share a transaction. A handler's transaction waits for them.
const JOINED: usize = 256;

type Statement = Query<'static, Sqlite, SqliteArguments>;
type Answer = Result<Option<SqliteRow>, SqlStoreError>;

/// A statement that waits. Its caller gets the receiver of its answer when it is taken.
type Place = (Statement, oneshot::Sender<oneshot::Receiver<Answer>>);

/// The connection that writes. A commit takes a flush of the disk, so the statements
/// that wait for the connection are committed together.
pub(super) struct Writer {
    pool: SqlitePool,
    waiting: Arc<Waiting>,
}

/// In the order of arrival. Each has a caller who waits for the connection too, so
/// none is left behind.
#[derive(Default)]
struct Waiting(Mutex<VecDeque<Place>>);

impl Writer {
    /// The pool has one connection.
    pub(super) fn new(pool: SqlitePool) -> Self {
        Self {
            pool,
            waiting: Arc::default(),
        }
    }

    pub(super) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.pool.begin_with("BEGIN IMMEDIATE").await
    }

    /// The first row of a statement, once it is committed. The first caller in the
    /// pool's queue begins a transaction for all.
    pub(super) async fn row(&self, statement: Statement) -> Answer {
        let (caller, mut taken) = oneshot::channel();
        self.waiting.queue().push_back((statement, caller));
        let turns = async {
            let answer = loop {
                match select(&mut taken, pin!(self.begin())).await {
                    // Now only the answer counts: its transaction has the connection.
                    Either::Left((answer, _)) => break answer,
                    Either::Right((transaction, _)) => {
                        // A task: the caller may be dropped, and others wait for it.
                        tokio::spawn(Arc::clone(&self.waiting).write(transaction?));
                    }
                }
            };
            match answer {
                Ok(answer) => answer.await.unwrap_or_else(|_| Err(stopped())),
                Err(_) => Err(stopped()),
            }
        };
        bounded(turns).await
    }
}

/// The runtime of the caller who began the transaction has ended.
fn stopped() -> SqlStoreError {
    sqlx::Error::WorkerCrashed.into()
}

impl Waiting {
    /// Without the first ones whose callers have given up.
    fn queue(&self) -> MutexGuard<'_, VecDeque<Place>> {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while queue.front().is_some_and(|(_, caller)| caller.is_closed()) {
            queue.pop_front();
        }
        queue
    }

    fn next(&self) -> Option<Place> {
        self.queue().pop_front()
    }

    async fn write(self: Arc<Self>, mut transaction: Transaction<'static, Sqlite>) {
        let mut written = Vec::new();
        while written.len() < JOINED
            && let Some((statement, caller)) = self.next()
        {
            let (answer, answered) = oneshot::channel();
            if caller.send(answered).is_err() {
                continue;
            }
            let row = statement.fetch_optional(&mut *transaction).await;
            let failed = row.is_err();
            written.push((answer, row));
            // SQLite may have rolled the transaction back, and would commit the next
            // statement by itself.
            if failed {
                break;
            }
        }
        let committed = transaction.commit().await.map_err(SqlStoreError::from);
        for (answer, row) in written {
            let result = match (row, &committed) {
                (Ok(row), Ok(())) => Ok(row),
                (Ok(_), Err(error)) => Err(error.clone()),
                (Err(error), _) => Err(error.into()),
            };
            // The caller may have given up.
            let _ = answer.send(result);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use sqlx::pool::PoolOptions;

    use super::*;

    /// The pool's time limit is for waiting, not for a transaction that has begun.
    #[tokio::test]
    async fn a_slow_commit_is_waited_for() {
        let (committing, commits) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let pool = PoolOptions::<Sqlite>::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_millis(50))
            .test_before_acquire(false)
            .connect("sqlite::memory:")
            .await
            .unwrap();
        let mut connection = pool.acquire().await.unwrap();
        connection
            .lock_handle()
            .await
            .unwrap()
            .set_commit_hook(move || {
                committing.send(()).unwrap();
                released.recv().is_ok()
            });
        drop(connection);
        let writer = Arc::new(Writer::new(pool.clone()));
        let call = tokio::spawn({
            let writer = Arc::clone(&writer);
            async move { writer.row(sqlx::query("CREATE TABLE t (c)")).await }
        });
        tokio::task::spawn_blocking(move || commits.recv().unwrap())
            .await
            .unwrap();
        // It waits as long as the call would.
        assert!(matches!(
            pool.acquire().await,
            Err(sqlx::Error::PoolTimedOut)
        ));
        release.send(()).unwrap();
        assert!(call.await.unwrap().is_ok());
    }
}
