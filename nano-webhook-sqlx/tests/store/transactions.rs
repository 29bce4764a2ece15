//! A delivery is completed in the handler's transaction, or not at all.

use std::future::ready;
use std::time::Duration;

use nano_webhook_core::dedupe::{Claim, Ownership};
use nano_webhook_sqlx::TransactionErrorKind;
use nano_webhook_sqlx::sqlx;

use crate::support::{Database, TERMS, claim, handle};

async fn effects(database: &Database) -> i64 {
    database.number("SELECT count(*) FROM effects").await
}

#[tokio::test]
async fn the_completion_is_committed_with_the_effect_or_not_at_all() {
    for database in Database::both().await {
        let store = database.store();
        // Rolled back, then committed although the handler fails afterwards.
        for (commit, effects_then) in [(false, 0), (true, 1)] {
            let attempt = handle(&store, "task", async |lease| {
                let done = database.effect(&lease, ready(commit)).await;
                done.unwrap();
                // The handler still runs: its renewals report no loss.
                if commit {
                    let renewed = store.renew(lease.delivery_id(), lease.owner(), TERMS);
                    assert_eq!(renewed.await.unwrap(), Ownership::Held);
                }
                Err(lease.attempt())
            });
            assert_eq!(attempt.await, Some(effects_then as u64 + 1));
            assert_eq!(effects(&database).await, effects_then);
        }
        let again = handle(&store, "task", async |_| Ok(()));
        assert_eq!(again.await, None, "handled twice");
    }
}

#[tokio::test]
async fn a_lost_lease_rolls_the_effect_back() {
    for database in Database::both().await {
        let store = database.store();
        let kind = handle(&store, "task", async |lease| {
            database.age(TERMS.lease + TERMS.lease).await;
            let taken = claim(&store, lease.delivery_id(), 2).await.unwrap();
            let taken_over = Claim::Acquired {
                attempt: 2,
                taken_over: true,
            };
            assert_eq!(taken, taken_over);
            let effect = database.effect(&lease, ready(true)).await;
            Err(effect.unwrap_err().kind())
        });
        assert_eq!(kind.await, Some(TransactionErrorKind::LeaseLost));
        assert_eq!(effects(&database).await, 0);
    }
}

#[tokio::test]
async fn calls_that_meet_an_open_completion_are_right() {
    for database in Database::both().await {
        let store = database.store();
        let handled = handle(&store, "task", async |lease| {
            let id = lease.delivery_id();
            let open = async {
                let renewed = store.renew(id, lease.owner(), TERMS).await;
                assert_eq!(renewed.unwrap(), Ownership::Held);
                let other = claim(&store, id, 2).await;
                assert!(matches!(other, Ok(Claim::InProgress { .. })), "{other:?}");
                true
            };
            database.effect(&lease, open).await.unwrap();
            let other = claim(&store, id, 2).await.unwrap();
            assert!(matches!(other, Claim::Completed { .. }), "{other:?}");
            let completed = store.complete(id, lease.owner(), TERMS).await;
            assert_eq!(completed.unwrap(), Ownership::Held);
            Ok(())
        });
        assert_eq!(handled.await, Some(()));
        assert_eq!(effects(&database).await, 1);
    }
}

/// The lease runs out while the transaction that completes the delivery is open.
#[tokio::test]
async fn a_completion_that_outlives_its_lease_is_not_taken_over() {
    let database = Database::postgres().await;
    let store = database.store();
    let handled = handle(&store, "task", async |lease| {
        let id = lease.delivery_id();
        database.age(TERMS.lease).await;
        let open = async {
            let other = claim(&store, id, 2).await;
            let soon = Duration::from_secs(1);
            assert!(
                matches!(other, Ok(Claim::InProgress { remaining }) if remaining <= soon),
                "{other:?}"
            );
            // Whether the lease was taken over is not known yet: no answer.
            store.renew(id, lease.owner(), TERMS).await.unwrap_err();
            true
        };
        database.effect(&lease, open).await.unwrap();
        let other = claim(&store, id, 2).await.unwrap();
        assert!(matches!(other, Claim::Completed { .. }), "{other:?}");
        Ok(())
    });
    assert_eq!(handled.await, Some(()));
}

/// A renewal changes the row after the transaction's snapshot, unless the
/// completion is the first statement.
#[tokio::test]
async fn under_a_stricter_isolation_the_completion_comes_first() {
    let database = Database::postgres().await;
    let Database::Postgres(postgres, pool, _) = &database else {
        unreachable!()
    };
    let store = database.store();
    for (task, completed_first) in [("first", true), ("last", false)] {
        let kind = handle(&store, task, async |lease| {
            let renew = || store.renew(lease.delivery_id(), lease.owner(), TERMS);
            let begin = pool.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE");
            let mut transaction = begin.await.unwrap();
            if completed_first {
                postgres
                    .complete_in(&mut transaction, &lease)
                    .await
                    .unwrap();
            }
            sqlx::query("SELECT 1")
                .execute(&mut *transaction)
                .await
                .unwrap();
            assert_eq!(renew().await.unwrap(), Ownership::Held);
            if completed_first {
                transaction.commit().await.unwrap();
                return Ok(None);
            }
            let error = postgres.complete_in(&mut transaction, &lease).await;
            transaction.rollback().await.unwrap();
            // The lease is still held: the transaction can be run again.
            let mut again = pool.begin().await.unwrap();
            postgres.complete_in(&mut again, &lease).await.unwrap();
            again.commit().await.unwrap();
            Ok(Some(error.unwrap_err().kind()))
        });
        let expected = (!completed_first).then_some(TransactionErrorKind::Conflict);
        assert_eq!(kind.await, Some(expected), "{task}");
    }
}

/// A deferred `BEGIN` fails at once; `BEGIN IMMEDIATE` waits.
#[tokio::test]
async fn an_sqlite_transaction_that_read_before_another_wrote_is_a_conflict() {
    let database = Database::sqlite().await;
    let Database::Sqlite(sqlite, pool, _) = &database else {
        unreachable!()
    };
    let store = database.store();
    let kind = handle(&store, "task", async |lease| {
        let mut transaction = pool.begin().await.unwrap();
        sqlx::query("SELECT count(*) FROM nano_webhook_claims")
            .execute(&mut *transaction)
            .await
            .unwrap();
        let renewed = store.renew(lease.delivery_id(), lease.owner(), TERMS).await;
        assert_eq!(renewed.unwrap(), Ownership::Held);
        let error = sqlite.complete_in(&mut transaction, &lease).await;
        Ok(error.unwrap_err().kind())
    });
    assert_eq!(kind.await, Some(TransactionErrorKind::Conflict));
}
