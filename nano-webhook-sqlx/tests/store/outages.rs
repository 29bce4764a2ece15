//! Starts, locks and outages: a call has an answer within seconds, and the store
//! works again once the database does.

use std::time::{Duration, Instant};

use nano_webhook_core::dedupe::{Claim, DedupeStore, Ownership, StoreError};
use nano_webhook_sqlx::{PostgresStore, SqlStoreError, SqliteStore};
use nano_webhook_test_kit::LogCapture;

use crate::support::{Database, PostgresServer, TERMS, claim, id, owner};

/// The documented bound, and the time that a loaded machine adds.
const BOUND: Duration = Duration::from_secs(5 + 10);

const FIRST: Claim = Claim::Acquired {
    attempt: 1,
    taken_over: false,
};

async fn claim_in_time(store: &impl DedupeStore, delivery: u8) -> Result<Claim, StoreError> {
    let asked = Instant::now();
    let answer = claim(store, id(delivery), 1).await;
    assert!(asked.elapsed() < BOUND, "{:?}", asked.elapsed());
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_that_start_at_once_share_one_new_table() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("webhooks.db");
    let server = PostgresServer::start().await;
    let mut starts = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (file, url) = (file.clone(), server.url());
        starts.spawn(async move {
            SqliteStore::open(file).await.unwrap();
            PostgresStore::connect(&url).await.unwrap();
        });
    }
    while let Some(start) = starts.join_next().await {
        start.unwrap();
    }
}

#[tokio::test]
async fn databases_that_cannot_keep_claims_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "no database, but a text that is long enough").unwrap();
    let sqlite = [
        SqliteStore::connect("sqlite::memory:").await,
        SqliteStore::connect("postgres://localhost").await,
        SqliteStore::open(folder.path().join("missing/webhooks.db")).await,
        SqliteStore::open(text).await,
    ];
    assert!(matches!(sqlite[0], Err(SqlStoreError::Unsuitable { .. })));
    assert!(matches!(sqlite[1], Err(SqlStoreError::Url { .. })));
    assert!(matches!(sqlite[2], Err(SqlStoreError::Database(_))));
    assert!(matches!(sqlite[3], Err(SqlStoreError::Database(_))));
    let postgres = PostgresStore::connect("redis://localhost").await;
    assert!(matches!(postgres, Err(SqlStoreError::Url { .. })));
    let primary = PostgresServer::start().await;
    let standby = primary.start_standby(primary.address()).await;
    let standby = PostgresStore::connect(&standby.url()).await;
    assert!(matches!(standby, Err(SqlStoreError::Unsuitable { .. })));
}

#[tokio::test]
async fn settings_of_a_server_that_weaken_the_promise_are_logged() {
    let (log, _guard) = LogCapture::of_this_thread();
    let weak = [
        "fsync=off",
        "synchronous_commit=off",
        "default_transaction_isolation=serializable",
    ];
    let server = PostgresServer::start_with(&weak, |_| Vec::new()).await;
    PostgresStore::connect(&server.url()).await.unwrap();
    for said in [
        r#"setting="fsync""#,
        r#"setting="synchronous_commit""#,
        r#"isolation="serializable""#,
    ] {
        assert!(log.text().contains(said), "{said}");
    }
}

#[tokio::test]
async fn a_server_that_is_frozen_or_gone_is_an_error_until_it_is_back() {
    let Database::Postgres(store, _, mut server) = Database::postgres().await else {
        unreachable!()
    };

    let claim = async |delivery| claim_in_time(&store, delivery).await;
    assert_eq!(claim(1).await.unwrap(), FIRST);

    server.freeze();
    claim(2).await.unwrap_err();
    server.thaw();
    assert_eq!(claim(2).await.unwrap(), FIRST);

    server.stop_at_once().await;
    claim(3).await.unwrap_err();
    server.start_again().await;
    assert_eq!(claim(3).await.unwrap(), FIRST);

    // An idle connection was cut: the call runs again on a new one.
    server.stop_at_once().await;
    server.start_again().await;
    assert_eq!(claim(4).await.unwrap(), FIRST);
    assert_eq!(claim(4).await.unwrap(), FIRST);
}

#[tokio::test]
async fn a_foreign_transaction_in_sqlite_delays_claims_and_loses_no_lease() {
    let database = Database::sqlite().await;
    let Database::Sqlite(_, pool, _) = &database else {
        unreachable!()
    };
    let store = database.store();
    let claim = async |delivery| claim_in_time(&store, delivery).await;
    assert_eq!(claim(1).await.unwrap(), FIRST);
    let open = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    claim(2).await.unwrap_err();
    let renewed = store.renew(id(1), owner(1), TERMS).await.unwrap();
    assert_eq!(renewed, Ownership::Held);
    open.rollback().await.unwrap();
    assert_eq!(claim(2).await.unwrap(), FIRST);
}
