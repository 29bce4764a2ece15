//! The SQLite store's statements, those that wait joined in one transaction: what a group
//! commit would gain.

use nano_webhook_core::dedupe::{DeliveryId, OwnerToken, StoreError, StoreFuture};
use nano_webhook_sqlx::sqlx::query::Query;
use nano_webhook_sqlx::sqlx::sqlite::SqliteArguments;
use nano_webhook_sqlx::sqlx::{self, Connection as _, Sqlite, SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot};

use crate::load::Handle;

macro_rules! sql {
    ($name:literal) => {
        sqlx::query(include_str!(concat!(
            "../../../../nano-webhook-sqlx/src/sqlite/",
            $name,
            ".sql"
        )))
    };
}

type Statement = Query<'static, Sqlite, SqliteArguments>;

pub(crate) struct JoinedSqlite {
    writes: mpsc::UnboundedSender<(Statement, oneshot::Sender<()>)>,
    readers: SqlitePool,
}

impl JoinedSqlite {
    pub(crate) async fn new(readers: SqlitePool) -> Result<Self, sqlx::Error> {
        let mut writer = SqliteConnection::connect_with(&readers.connect_options()).await?;
        let (writes, mut waiting) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut joined = Vec::new();
            // What arrived while the last transaction was written.
            while waiting.recv_many(&mut joined, 1024).await > 0 {
                let (statements, done): (Vec<_>, Vec<_>) = joined.drain(..).unzip();
                if write(&mut writer, statements).await.is_ok() {
                    for done in done {
                        // Its caller may have given up.
                        let _ = oneshot::Sender::send(done, ());
                    }
                }
            }
        });
        Ok(Self { writes, readers })
    }

    async fn write(&self, statement: Statement) -> Result<(), StoreError> {
        let (done, written) = oneshot::channel();
        // The receiver lives as long as the runtime.
        let _ = self.writes.send((statement, done));
        written.await.map_err(StoreError::new)
    }
}

async fn write(writer: &mut SqliteConnection, joined: Vec<Statement>) -> Result<(), sqlx::Error> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    for statement in joined {
        if statement.execute(&mut *transaction).await?.rows_affected() == 0 {
            return Err(sqlx::Error::RowNotFound);
        }
    }
    transaction.commit().await
}

impl Handle for JoinedSqlite {
    fn handle(&self, id: DeliveryId, owner: OwnerToken) -> StoreFuture<'_, ()> {
        const LEASE: i64 = 30_000;
        const RETENTION: i64 = 72 * 3_600_000;
        let of = move |statement: Statement| {
            let statement = statement.bind(id.as_bytes().to_vec());
            statement.bind(owner.as_bytes().to_vec())
        };
        Box::pin(async move {
            let seen = of(sql!("look")).fetch_optional(&self.readers).await;
            assert!(seen.map_err(StoreError::new)?.is_none(), "it is not new");
            let claim = of(sql!("claim")).bind(vec![0; 16]);
            self.write(claim.bind(LEASE).bind(RETENTION)).await?;
            self.write(of(sql!("complete")).bind(LEASE).bind(RETENTION))
                .await
        })
    }
}
