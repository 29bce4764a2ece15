//! Calls that wait for SQLite's writing connection share a transaction, and each has its
//! own answer.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{join, join_all};
use nano_webhook_core::dedupe::{Claim, DedupeStore as _, Ownership};
use nano_webhook_sqlx::SqliteStore;
use tokio::task::JoinSet;

use crate::support::{Database, TERMS, claim, id, owner};

const CALLS: u8 = 64;

/// Deliveries that the first owner has claimed.
async fn claimed(deliveries: u8) -> (Database, SqliteStore) {
    let database = Database::sqlite().await;
    let Database::Sqlite(sqlite, ..) = &database else {
        unreachable!()
    };
    let store = sqlite.clone();
    let claims = (0..deliveries).map(|delivery| claim(&store, id(delivery), 1));
    for claim in join_all(claims).await {
        assert!(matches!(claim, Ok(Claim::Acquired { .. })), "{claim:?}");
    }
    (database, store)
}

/// The answers to calls that arrive while a handler's transaction is open.
async fn meanwhile<F: Future>(
    store: &SqliteStore,
    calls: impl IntoIterator<Item = F>,
) -> Vec<F::Output> {
    let open = store.begin().await.unwrap();
    let (answers, ended) = join(join_all(calls), open.rollback()).await;
    ended.unwrap();
    answers
}

fn completed(database: &Database) -> impl Future<Output = i64> {
    database.number("SELECT count(*) FROM nano_webhook_claims WHERE state = 1")
}

#[tokio::test]
async fn calls_that_wait_are_committed_together() {
    let (database, store) = claimed(CALLS).await;
    let Database::Sqlite(_, _, folder) = &database else {
        unreachable!()
    };
    let written = || {
        std::fs::metadata(folder.path().join("webhooks.db-wal"))
            .unwrap()
            .len()
    };
    let before = written();
    let calls = (0..CALLS).map(|delivery| store.complete(id(delivery), owner(1), TERMS));
    for answer in meanwhile(&store, calls).await {
        assert_eq!(answer.unwrap(), Ownership::Held);
    }
    assert_eq!(completed(&database).await, i64::from(CALLS));
    // A commit writes at least a page.
    let pages = (written() - before) / 4096;
    assert!(pages < u64::from(CALLS), "{pages} pages");
}

/// Two stores have the connections of two processes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_call_has_its_own_answer() {
    let (database, store) = claimed(CALLS).await;
    let Database::Sqlite(_, _, folder) = &database else {
        unreachable!()
    };
    let other = SqliteStore::open(folder.path().join("webhooks.db")).await;
    let stores = [store.clone(), other.unwrap()];
    let mut calls = JoinSet::new();
    for delivery in 0..CALLS {
        for (store, own) in stores.clone().into_iter().zip(2..) {
            calls.spawn(async move {
                let held = id(delivery);
                let renew = store.renew(held, owner(1), TERMS).await;
                assert_eq!(renew.unwrap(), Ownership::Held);
                let release = store.release(held, owner(own), TERMS).await;
                assert_eq!(release.unwrap(), Ownership::Lost);
                let new = id(CALLS + delivery);
                let expected = match claim(&store, new, own).await.unwrap() {
                    Claim::Acquired { attempt: 1, .. } => Ownership::Held,
                    Claim::InProgress { .. } | Claim::Completed { .. } => Ownership::Lost,
                    other => panic!("{other:?}"),
                };
                let complete = store.complete(new, owner(own), TERMS).await;
                assert_eq!(complete.unwrap(), expected);
            });
        }
    }
    // A handler's transaction has its turn.
    for _ in 0..8 {
        store.begin().await.unwrap().commit().await.unwrap();
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap();
    }
    assert_eq!(completed(&database).await, i64::from(CALLS));
}

/// From now on, changing the sixth delivery fails.
async fn fail(database: &Database, change: &str, fault: &str) {
    let sixth = "05".repeat(32);
    database
        .execute(&format!(
            "CREATE TABLE parent (id INTEGER PRIMARY KEY);
            CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
            CREATE TRIGGER fault AFTER {change} ON nano_webhook_claims
            WHEN NEW.id = x'{sixth}' BEGIN {fault}; END"
        ))
        .await;
}

/// A foreign key that is checked with the commit.
const COMMIT_FAILS: &str = "INSERT INTO child VALUES (1)";

/// What fails, and which of sixteen calls.
#[tokio::test]
async fn a_call_is_acknowledged_if_its_transaction_is_committed() {
    for (fault, failed) in [
        ("SELECT RAISE(ABORT, 'the statement')", 5..6),
        // As on a full disk.
        ("SELECT RAISE(ROLLBACK, 'the transaction')", 0..6),
        (COMMIT_FAILS, 0..16),
    ] {
        let (database, store) = claimed(16).await;
        fail(&database, "UPDATE", fault).await;
        let complete = |delivery| store.complete(id(delivery), owner(1), TERMS);
        let answers = meanwhile(&store, (0..16).map(complete)).await;
        for (delivery, answer) in (0..).zip(&answers) {
            let expected = failed.contains(&delivery);
            assert_eq!(answer.is_err(), expected, "{fault}: {delivery} {answer:?}");
        }
        let acknowledged = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(
            completed(&database).await,
            i64::try_from(acknowledged).unwrap()
        );
        database.execute("DROP TRIGGER fault").await;
        for answer in meanwhile(&store, (0..16).map(complete)).await {
            assert_eq!(answer.unwrap(), Ownership::Held, "{fault}");
        }
    }
}

/// A statement that commits itself has returned its row before the commit fails.
#[tokio::test]
async fn a_claim_that_cannot_be_committed_is_an_error() {
    let (database, store) = claimed(1).await;
    fail(&database, "INSERT", COMMIT_FAILS).await;
    let claim = claim(&store, id(5), 1).await;
    assert!(claim.is_err(), "{claim:?}");
}

/// A call whose caller gives up after it was polled so many times.
async fn given_up<F: Future>(call: F, polls: usize) -> Option<F::Output> {
    let (mut call, mut left) = (Box::pin(call), polls);
    poll_fn(|context| {
        left = left.saturating_sub(1);
        match call.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[tokio::test]
async fn callers_that_give_up_fail_no_other_call() {
    let (database, store) = claimed(CALLS).await;
    for polls in 1..10 {
        let calls = (0..CALLS).map(|delivery| {
            let renew = store.renew(id(delivery), owner(1), TERMS);
            // The first caller begins the transaction.
            let polls = if delivery % 3 == 0 { polls } else { usize::MAX };
            given_up(renew, polls)
        });
        for (delivery, answer) in (0..CALLS).zip(meanwhile(&store, calls).await) {
            match answer {
                Some(answer) => assert_eq!(answer.unwrap(), Ownership::Held, "{polls}"),
                None => assert_eq!(delivery % 3, 0, "{polls}"),
            }
        }
        // No transaction is left open.
        database.age(Duration::ZERO).await;
    }
}
