use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgDatabaseError, PgRow};
use sqlx::query::Query;
use sqlx::{Connection as _, Executor as _, Postgres};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::error::SqlStoreError;
use crate::store::bounded;

/// Two carry as many claims a second as ten: the disk is the limit.
const CONNECTIONS: usize = 2;

/// Firewalls drop idle connections silently, and deliveries can be rare.
const LONGEST_IDLE: Duration = Duration::from_secs(60);

/// An idle connection that does not answer by then is replaced.
const REUSED_TIMEOUT: Duration = Duration::from_secs(2);

/// Servers' limits, so that a statement whose caller gave up does not go on, and
/// the level that the statements are written for.
const SESSION: &str = "SET lock_timeout = '1s'; SET statement_timeout = '4s'; \
    SET default_transaction_isolation = 'read committed'";

pub(super) type Statement = Query<'static, Postgres, PgArguments>;

/// The store's own connections: handlers that use up their pool must not keep
/// leases from being renewed. An sqlx pool checks each connection that it gets
/// back, without a time limit, so packets that are dropped silently would empty it.
pub(super) struct Connections {
    options: PgConnectOptions,
    permits: Semaphore,
    idle: Mutex<Vec<(Instant, PgConnection)>>,
}

impl Connections {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        Self {
            options: options.application_name("nano-webhook"),
            permits: Semaphore::new(CONNECTIONS),
            idle: Mutex::default(),
        }
    }

    /// The first row of a statement. Calls on a store can be repeated, so a
    /// statement that failed on an idle connection runs again on a new one.
    pub(super) async fn row(
        &self,
        statement: impl Fn() -> Statement,
    ) -> Result<Option<PgRow>, SqlStoreError> {
        let rounds = async {
            // The semaphore is never closed; without a permit the call would go on.
            let _permit = self.permits.acquire().await;
            while let Some(mut connection) = self.reusable() {
                let answer = timeout(REUSED_TIMEOUT, statement().fetch_optional(&mut connection));
                match answer.await {
                    Ok(answer) if !is_broken(&answer) => return self.keep(connection, answer),
                    _ => {}
                }
            }
            let mut connection = self.open().await?;
            let answer = statement().fetch_optional(&mut connection).await;
            match is_broken(&answer) {
                true => answer.map_err(SqlStoreError::from),
                false => self.keep(connection, answer),
            }
        };
        bounded(rounds).await
    }

    /// A connection before the session's settings are changed.
    pub(super) async fn raw(&self) -> Result<PgConnection, SqlStoreError> {
        bounded(PgConnection::connect_with(&self.options)).await
    }

    async fn open(&self) -> Result<PgConnection, SqlStoreError> {
        let mut connection = self.raw().await?;
        connection.execute(sqlx::raw_sql(SESSION)).await?;
        Ok(connection)
    }

    fn reusable(&self) -> Option<PgConnection> {
        let mut idle = self.idle();
        idle.retain(|(since, _)| since.elapsed() < LONGEST_IDLE);
        idle.pop().map(|(_, connection)| connection)
    }

    fn keep<T>(
        &self,
        connection: PgConnection,
        answer: Result<T, sqlx::Error>,
    ) -> Result<T, SqlStoreError> {
        self.idle().push((Instant::now(), connection));
        answer.map_err(SqlStoreError::from)
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(Instant, PgConnection)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The server ended the connection, or is no longer the primary.
fn is_broken<T>(answer: &Result<T, sqlx::Error>) -> bool {
    match answer {
        Ok(_) => false,
        Err(sqlx::Error::Database(error)) => {
            error.code().as_deref() == Some("25006")
                || error
                    .try_downcast_ref::<PgDatabaseError>()
                    .is_some_and(|error| {
                        !matches!(error.severity(), sqlx::postgres::PgSeverity::Error)
                    })
        }
        Err(_) => true,
    }
}
