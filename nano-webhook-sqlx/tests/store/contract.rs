//! Both stores keep the contract of `DedupeStore`.

use std::time::Duration;

use nano_webhook_core::testing::store;
use nano_webhook_sqlx::sqlx::{self, AssertSqlSafe};

use crate::support::{Database, TERMS, claim, id};

#[tokio::test]
async fn both_pass_the_acceptance_suite() {
    // Covers the time that calls take on a loaded machine.
    let slack = Duration::from_secs(5);
    for database in Database::both().await {
        let sleep = async |time| database.age(time + slack).await;
        store::acceptance(&*database.store(), Duration::from_secs(600), sleep).await;
    }
}

#[tokio::test]
async fn expired_rows_are_removed_with_later_claims() {
    for database in Database::both().await {
        let store = database.store();
        for delivery in 1..=10 {
            claim(&store, id(delivery), 1).await.unwrap();
        }
        database.age(TERMS.lease + TERMS.retention).await;
        for _ in 0..100 {
            claim(&store, id(0), 1).await.unwrap();
        }
        let rows = database.number("SELECT count(*) FROM nano_webhook_claims");
        assert_eq!(rows.await, 1);
    }
}

/// Otherwise each hundredth claim reads all that is remembered.
#[tokio::test]
async fn a_sweep_reads_expired_rows_only() {
    if let Database::Postgres(_, pool, _) = Database::postgres().await {
        let mut connection = pool.acquire().await.unwrap();
        // The table is empty, so reading all of it would be the cheapest plan.
        sqlx::query("SET enable_seqscan = off")
            .execute(&mut *connection)
            .await
            .unwrap();
        let sweep = include_str!("../../src/postgres/sweep.sql").replace("$1", "10");
        let plan = sqlx::query_scalar::<_, String>(AssertSqlSafe(format!("EXPLAIN {sweep}")));
        let plan = plan.fetch_all(&mut *connection).await.unwrap().join("\n");
        assert!(plan.contains("Index Cond: (expires <="), "{plan}");
    }
    if let Database::Sqlite(_, pool, _) = Database::sqlite().await {
        let sweep = include_str!("../../src/sqlite/sweep.sql").replace("?1", "10");
        let plan = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sweep}"));
        let plan = sqlx::query_as::<_, (i64, i64, i64, String)>(plan);
        let plan = plan.fetch_all(&pool).await.unwrap();
        assert!(
            plan.iter().any(|step| step.3.contains("(expires<?)")),
            "{plan:?}"
        );
    }
}
