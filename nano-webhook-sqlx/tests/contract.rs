//! Both stores keep the contract of `DedupeStore`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::unreachable,
    clippy::indexing_slicing
)]

mod support;

use std::time::Duration;

use nano_webhook_core::dedupe::{Claim, Ownership};
use support::{Database, TERMS, body, id, owner};

async fn both() -> [Database; 2] {
    [Database::sqlite().await, Database::postgres().await]
}

#[tokio::test]
async fn a_lease_that_ran_out_belongs_to_its_owner_until_it_is_taken_over() {
    let second = Duration::from_secs(1);
    for database in both().await {
        let store = database.store();
        let claim = async |delivery: u8, by: u8| {
            let claim = store.claim(id(delivery), body(by), owner(by), TERMS).await;
            claim.unwrap()
        };
        let first = Claim::Acquired {
            attempt: 1,
            taken_over: false,
        };
        for delivery in 1..=4 {
            assert_eq!(claim(delivery, 1).await, first);
            let Claim::InProgress { remaining } = claim(delivery, 2).await else {
                panic!("claimed twice");
            };
            assert!(remaining <= TERMS.lease && remaining > TERMS.lease / 2);
        }
        database.age(TERMS.lease + second).await;
        let renewed = store.renew(id(1), owner(1), TERMS).await.unwrap();
        let completed = store.complete(id(2), owner(1), TERMS).await.unwrap();
        let released = store.release(id(3), owner(1), TERMS).await.unwrap();
        assert_eq!([renewed, completed, released], [Ownership::Held; 3]);

        assert!(matches!(claim(1, 2).await, Claim::InProgress { .. }));
        assert_eq!(claim(2, 2).await, Claim::Completed { body: body(1) });
        let again = |taken_over| Claim::Acquired {
            attempt: 2,
            taken_over,
        };
        assert_eq!(claim(3, 2).await, again(false));
        assert_eq!(claim(4, 2).await, again(true));
        for lost in [
            store.renew(id(4), owner(1), TERMS).await.unwrap(),
            store.complete(id(4), owner(1), TERMS).await.unwrap(),
            store.release(id(4), owner(1), TERMS).await.unwrap(),
        ] {
            assert_eq!(lost, Ownership::Lost);
        }

        // Everything is forgotten in the end, and removed with later claims.
        database.age(TERMS.lease + TERMS.retention + second).await;
        for _ in 0..100 {
            assert_eq!(claim(2, 3).await, first);
        }
        let rows = database
            .number("SELECT count(*) FROM nano_webhook_claims")
            .await;
        assert_eq!(rows, 1);
    }
}
