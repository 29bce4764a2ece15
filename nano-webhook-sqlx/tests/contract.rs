//! Both stores keep the contract of `DedupeStore`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::time::Duration;

use nano_webhook_core::testing::store;
use support::{Database, TERMS, body, id, owner};

#[tokio::test]
async fn both_pass_the_acceptance_suite() {
    // Covers the time that calls take on a loaded machine.
    let slack = Duration::from_secs(5);
    for database in [Database::sqlite().await, Database::postgres().await] {
        let sleep = async |time| database.age(time + slack).await;
        store::acceptance(&*database.store(), Duration::from_secs(600), sleep).await;
    }
}

#[tokio::test]
async fn expired_rows_are_removed_with_later_claims() {
    for database in [Database::sqlite().await, Database::postgres().await] {
        let store = database.store();
        let claim = async |delivery| {
            let claim = store.claim(id(delivery), body(1), owner(1), TERMS).await;
            claim.unwrap();
        };
        for delivery in 1..=10 {
            claim(delivery).await;
        }
        database.age(TERMS.lease + TERMS.retention).await;
        for _ in 0..100 {
            claim(0).await;
        }
        let rows = database.number("SELECT count(*) FROM nano_webhook_claims");
        assert_eq!(rows.await, 1);
    }
}
