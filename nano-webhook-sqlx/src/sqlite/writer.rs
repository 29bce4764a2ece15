use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::{Either, select};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqlitePool, SqliteRow};
use sqlx::{Sqlite, Transaction};
use tokio::sync::oneshot;

use super::open::bounded;
use crate::error::SqlStoreError;

/// How many statements share a transaction. A handler's transaction waits for them.
const JOINED: usize = 256;

type Statement = Query<'static, Sqlite, SqliteArguments>;
type Answer = Result<Option<SqliteRow>, SqlStoreError>;

/// The connection that writes. A commit takes a flush of the disk, so the statements
/// that wait for the connection are committed together.
pub(super) struct Writer {
    pool: SqlitePool,
    waiting: Arc<Waiting>,
}

/// In the order of arrival. Each has a caller who waits for the connection too, so
/// none is left behind.
#[derive(Default)]
struct Waiting(Mutex<VecDeque<(Statement, oneshot::Sender<Answer>)>>);

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
        let (caller, mut answer) = oneshot::channel();
        self.waiting.queue().push_back((statement, caller));
        let turns = async {
            loop {
                match select(&mut answer, pin!(self.begin())).await {
                    Either::Left((Ok(answer), _)) => return answer,
                    // The runtime of the caller who began the transaction has ended.
                    Either::Left((Err(_), _)) => Err(sqlx::Error::WorkerCrashed)?,
                    Either::Right((transaction, _)) => {
                        // A task: the caller may be dropped, and others wait for it.
                        tokio::spawn(Arc::clone(&self.waiting).write(transaction?));
                    }
                }
            }
        };
        bounded(turns).await
    }
}

impl Waiting {
    /// Without the first ones whose callers have given up.
    fn queue(&self) -> MutexGuard<'_, VecDeque<(Statement, oneshot::Sender<Answer>)>> {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while queue.front().is_some_and(|(_, caller)| caller.is_closed()) {
            queue.pop_front();
        }
        queue
    }

    fn next(&self) -> Option<(Statement, oneshot::Sender<Answer>)> {
        self.queue().pop_front()
    }

    async fn write(self: Arc<Self>, mut transaction: Transaction<'static, Sqlite>) {
        let mut written = Vec::new();
        while written.len() < JOINED
            && let Some((statement, caller)) = self.next()
        {
            let row = statement.fetch_optional(&mut *transaction).await;
            let failed = row.is_err();
            written.push((caller, row));
            // SQLite may have rolled the transaction back, and would commit the next
            // statement by itself.
            if failed {
                break;
            }
        }
        let committed = transaction.commit().await.map_err(SqlStoreError::from);
        for (caller, row) in written {
            let answer = match (row, &committed) {
                (Ok(row), Ok(())) => Ok(row),
                (Ok(_), Err(error)) => Err(error.clone()),
                (Err(error), _) => Err(error.into()),
            };
            // The caller may have given up.
            let _ = caller.send(answer);
        }
    }
}
