use nano_webhook_sqlx::sqlx::{self, Connection as _, SqliteConnection};
use nano_webhook_sqlx::{PostgresStore, SqliteStore};
use nano_webhook_test_kit::{PostgresServer, RedisServer};

use super::World;
use crate::support::background::wait;

const REDIS: &str = "NANO_WEBHOOK_REDIS_URL";
const DATABASE: &str = "NANO_WEBHOOK_DATABASE_URL";

fn check(world: &World, variable: &str, url: &str, codes: &str, exit: i32) {
    let receiver = format!("{}/store", world.receiver);
    let found = world.doctor(&receiver, &[(variable, url)], &[]);
    assert_eq!(found, (exit, codes.to_owned()), "{url}");
}

#[test]
fn redis() {
    let (world, _processes) = World::new();
    world.register(&format!("{}/store", world.receiver), &[]);
    let check = |url: &str, codes, exit| check(&world, REDIS, url, codes, exit);
    let server = wait(RedisServer::start_with(RedisServer::DURABLE));
    check(&server.url(), "", 0);
    for (name, value) in [("maxmemory", "100mb"), ("maxmemory-policy", "allkeys-lru")] {
        wait(server.command(&["CONFIG", "SET", name, value]));
    }
    check(&server.url(), "store_evicts", 1);
    let replica = wait(RedisServer::start());
    check(&replica.url(), "store_forgets", 1);
    let port = server.address().port().to_string();
    wait(replica.command(&["REPLICAOF", "127.0.0.1", &port]));
    check(&replica.url(), "store_read_only", 1);
    check("redis://:hunter2@127.0.0.1:9", "store_unreachable", 3);
    check("rediss://127.0.0.1:9", "store_not_checked", 0);
    check("http://a", "store_settings", 1);
}

#[test]
fn sqlite() {
    let (world, _processes) = World::new();
    world.register(&format!("{}/store", world.receiver), &[]);
    let check = |url: &str, codes, exit| check(&world, DATABASE, url, codes, exit);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("claims.db");
    let url = format!("sqlite:{}", path.display());
    check(&url, "store_unused", 0);
    assert!(!path.exists());
    std::fs::write(&path, "").unwrap();
    check(&url, "store_unused", 0);
    assert_eq!(path.metadata().unwrap().len(), 0);
    wait(async { drop(SqliteStore::open(&path).await.unwrap()) });
    check(&url, "", 0);
    let count: Result<i64, sqlx::Error> = wait(async {
        let mut connection = SqliteConnection::connect(&url).await?;
        let count = sqlx::query_scalar("SELECT count(*) FROM nano_webhook_claims");
        count.fetch_one(&mut connection).await
    });
    assert_eq!(count.unwrap(), 0);
    std::fs::write(folder.path().join("text.db"), "no database".repeat(100)).unwrap();
    let text = format!("sqlite:{}/text.db", folder.path().display());
    check(&text, "store_refuses", 1);
    check(&format!("{url}/none"), "store_refuses", 1);
}

#[test]
#[ignore = "long: starts Postgres"]
fn postgres() {
    let (world, _processes) = World::new();
    world.register(&format!("{}/store", world.receiver), &[]);
    let check = |url: &str, codes, exit| check(&world, DATABASE, url, codes, exit);
    let server = wait(PostgresServer::start());
    let url = server.url();
    check(&url, "store_unused", 0);
    wait(async { drop(PostgresStore::connect(&url).await.unwrap()) });
    check(&url, "", 0);
    for (query, codes, exit) in [
        ("options=-c%20synchronous_commit%3Doff", "store_forgets", 1),
        (
            "options=-c%20default_transaction_read_only%3Don",
            "store_read_only",
            1,
        ),
        ("sslmode=require", "store_not_checked", 0),
    ] {
        check(&format!("{url}?{query}"), codes, exit);
    }
    check(
        "postgres://app:hunter2@127.0.0.1:9/a",
        "store_unreachable",
        3,
    );
}
