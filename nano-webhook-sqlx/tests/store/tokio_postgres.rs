//! The completion in a handler's transaction, with a client other than sqlx.

use nano_webhook_sqlx::postgres::COMPLETE_IN;
use tokio_postgres::NoTls;

use crate::support::{Database, handle};

#[tokio::test]
async fn the_statement_completes_in_a_transaction_of_tokio_postgres() {
    let database = Database::postgres().await;
    let Database::Postgres(_, _, server) = &database else {
        unreachable!()
    };
    let (mut client, connection) = tokio_postgres::connect(&server.url(), NoTls).await.unwrap();
    tokio::spawn(connection);

    let store = database.store();
    let completed = handle(&store, "task", async |lease| {
        let transaction = client.transaction().await.unwrap();
        let (id, owner) = (lease.delivery_id(), lease.owner());
        let rows = transaction
            .execute(
                COMPLETE_IN,
                &[&id.as_bytes().as_slice(), &owner.as_bytes().as_slice()],
            )
            .await
            .unwrap();
        // 0: the lease is lost; roll back, and answer 503.
        assert_eq!(rows, 1);
        transaction.commit().await.unwrap();
        Ok(())
    });
    assert_eq!(completed.await, Some(()));
    assert_eq!(handle(&store, "task", async |_| Ok(())).await, None);
}
