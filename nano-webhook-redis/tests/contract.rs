//! The contract, against a real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use std::time::{Duration, Instant};

use common::aging::age;
use common::support::RedisServer;
use common::{FIRST, PATIENCE, SECOND, TERMS, builder, id, owner};
use nano_webhook_core::dedupe::acceptance::{Acceptance, Step};
use nano_webhook_core::dedupe::{Claim, DedupeStore as _, LeaseToken, Ownership, Terms};
use nano_webhook_redis::{RedisStore, redis};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Time is moved, so it can be long.
const UNIT: Duration = Duration::from_secs(600);

async fn accept(store: &RedisStore, server: &RedisServer) {
    Acceptance::new(store, UNIT, |time| age(server, time))
        .all()
        .await
        .unwrap();
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let server = RedisServer::start().await;
    for parameters in ["", "/3", "/?protocol=resp3"] {
        let url = format!("{}{parameters}", server.url());
        let store = builder().connect(&url).await.unwrap();
        if parameters != "/3" {
            accept(&store, &server).await;
        }
        assert_eq!(store.claim(id(1), owner(1), TERMS).await.unwrap(), FIRST);
        server.command(&["FLUSHDB"]).await;
    }
    eventually(
        &server,
        &["INFO", "keyspace"],
        "# Keyspace\r\ndb3:keys=1,expires=1,",
    )
    .await;
}

#[tokio::test]
async fn it_keeps_the_contract_on_a_connection_of_the_callers() {
    let server = RedisServer::start().await;
    let client = redis::Client::open(server.url()).unwrap();

    let connection = client.get_multiplexed_async_connection().await.unwrap();
    accept(&builder().from_connection(connection).unwrap(), &server).await;

    let manager = client.get_connection_manager().await.unwrap();
    accept(&builder().from_connection(manager).unwrap(), &server).await;
}

#[test]
fn it_agrees_with_the_model() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(RedisServer::start());
    let store = runtime.block_on(builder().connect(&server.url())).unwrap();
    let steps = prop::collection::vec(any::<[u8; 4]>().prop_map(Step::from_bytes), 1..60);
    let mut runner = TestRunner::new(Config {
        cases: 150,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&steps, |steps| {
            runtime
                .block_on(async {
                    server.command(&["FLUSHALL"]).await;
                    Acceptance::new(&store, UNIT, |time| age(&server, time))
                        .steps(&steps)
                        .await
                })
                .map_err(|violation| TestCaseError::fail(violation.to_string()))
        })
        .unwrap();
}

/// Four stores, each with a connection of its own, as four processes have.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_claims_at_once_one_wins() {
    let server = RedisServer::start().await;
    let mut stores = Vec::new();
    for _ in 0..4 {
        stores.push(builder().connect(&server.url()).await.unwrap());
    }
    for round in 0..20 {
        let mut claims = tokio::task::JoinSet::new();
        for number in 0..100 {
            let store = stores[number % stores.len()].clone();
            let token = LeaseToken::random().unwrap();
            claims.spawn(async move { store.claim(id(round), token, TERMS).await.unwrap() });
        }
        let answers = claims.join_all().await;
        let won = answers.iter().filter(|answer| **answer == FIRST).count();
        assert_eq!(won, 1);
        let lost = |answer: &&Claim| matches!(answer, Claim::InProgress { .. });
        assert_eq!(answers.iter().filter(lost).count(), 99);
    }
}

/// In real time, on the server's clock. It waits for the event, not for the time.
#[tokio::test]
async fn a_lease_runs_out_by_the_servers_clock() {
    let server = RedisServer::start().await;
    let store = builder().connect(&server.url()).await.unwrap();
    let terms = Terms {
        lease: Duration::from_millis(200),
        ..TERMS
    };
    let began = Instant::now();
    assert_eq!(store.claim(id(1), owner(1), terms).await.unwrap(), FIRST);
    loop {
        match store.claim(id(1), owner(2), terms).await.unwrap() {
            Claim::InProgress { remaining } => {
                assert!(remaining <= terms.lease + Duration::from_millis(1));
                tokio::time::sleep(remaining).await;
            }
            other => {
                assert_eq!(other, SECOND);
                break;
            }
        }
        assert!(began.elapsed() < PATIENCE);
    }
    assert!(began.elapsed() >= terms.lease);
    let late = store.complete(id(1), owner(1), terms).await.unwrap();
    assert_eq!(late, Ownership::Lost);
}

#[tokio::test]
async fn every_record_ends_and_is_legible() {
    let server = RedisServer::start().await;
    let store = builder()
        .prefix("acme:")
        .connect(&server.url())
        .await
        .unwrap();
    let key = store.key(id(0xab));
    assert_eq!(key, format!("acme:{}", "ab".repeat(32)));
    let holder = "07".repeat(16);
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap();

    assert_eq!(store.claim(id(0xab), owner(7), TERMS).await.unwrap(), FIRST);
    let leased = server.command(&["GET", &key]).await;
    assert!(leased.contains(&format!("leased {holder} 1 1")), "{leased}");
    ends(&server, &key, seconds(TERMS.lease + TERMS.retention)).await;

    let _ = store.renew(id(0xab), owner(7), TERMS).await.unwrap();
    ends(&server, &key, seconds(TERMS.lease + TERMS.retention)).await;

    let _ = store.release(id(0xab), owner(7), TERMS).await.unwrap();
    let free = server.command(&["GET", &key]).await;
    assert!(free.contains("free 1"), "{free}");
    ends(&server, &key, seconds(TERMS.retention)).await;

    store.claim(id(0xab), owner(7), TERMS).await.unwrap();
    let _ = store.complete(id(0xab), owner(7), TERMS).await.unwrap();
    let completed = server.command(&["GET", &key]).await;
    assert!(
        completed.contains(&format!("completed {holder}")),
        "{completed}"
    );
    ends(&server, &key, seconds(TERMS.retention)).await;

    eventually(&server, &["DBSIZE"], ":1\r\n").await;
}

/// The server counts a key until it notices that its time is over: those that a
/// store leaves when it connects.
async fn eventually(server: &RedisServer, command: &[&str], expected: &str) {
    let began = Instant::now();
    loop {
        let answer = server.command(command).await;
        if answer.contains(expected) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{command:?}: {answer}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What `connect` tries the server with is gone at once.
#[tokio::test]
async fn connecting_leaves_nothing() {
    let server = RedisServer::start().await;
    let store = builder().connect(&server.url()).await.unwrap();
    eventually(&server, &["INFO", "stats"], "expired_keys:16\r\n").await;
    eventually(&server, &["DBSIZE"], ":0\r\n").await;
    drop(store);
}

/// The key lasts for that many seconds, less the time that the test has taken.
async fn ends(server: &RedisServer, key: &str, seconds: i64) {
    let left = server.command(&["TTL", key]).await;
    let left: i64 = left.trim().trim_start_matches(':').parse().unwrap();
    assert!(
        (seconds - 60..=seconds + 1).contains(&left),
        "{left} of {seconds}"
    );
}

#[tokio::test]
async fn what_is_not_a_claim_is_an_error_and_stays() {
    let server = RedisServer::start().await;
    let store = builder().connect(&server.url()).await.unwrap();
    for (number, value) in ["", "hello", "leased", "leased x y z", "free", "completed"]
        .into_iter()
        .enumerate()
    {
        let id = id(u8::try_from(number).unwrap());
        let key = store.key(id);
        server.command(&["SET", &key, value]).await;
        let error = store.claim(id, owner(1), TERMS).await.unwrap_err();
        assert!(
            error.to_string().contains("not a claim"),
            "{value:?}: {error}"
        );
        assert!(store.complete(id, owner(1), TERMS).await.is_err());
        let after = server.command(&["GET", &key]).await;
        assert_eq!(after, format!("${}\r\n{value}\r\n", value.len()));
    }
    server.command(&["RPUSH", &store.key(id(99)), "x"]).await;
    let error = store.claim(id(99), owner(1), TERMS).await.unwrap_err();
    assert!(error.to_string().contains("WRONGTYPE"), "{error}");
}

/// The access rules that the documentation gives are enough.
#[tokio::test]
async fn the_documented_access_rules_are_enough() {
    let readme = include_str!("../README.md");
    let rules = readme
        .lines()
        .find_map(|line| line.strip_prefix("ACL SETUSER "))
        .expect("the rules are in the README");
    let server = RedisServer::start().await;
    let words: Vec<&str> = ["ACL", "SETUSER"]
        .into_iter()
        .chain(rules.split_whitespace())
        .collect();
    assert_eq!(server.command(&words).await, "+OK\r\n");

    let url = server.url().replace("//", "//receiver:secret@");
    let store = builder().connect(&url).await.unwrap();
    assert_eq!(store.claim(id(1), owner(1), TERMS).await.unwrap(), FIRST);
    let held = store.renew(id(1), owner(1), TERMS).await.unwrap();
    assert_eq!(held, Ownership::Held);
    let held = store.complete(id(1), owner(1), TERMS).await.unwrap();
    assert_eq!(held, Ownership::Held);
    // And not more than enough.
    let elsewhere = builder().prefix("another:").connect(&url).await;
    let error = elsewhere.unwrap_err().to_string();
    assert!(error.contains("no permissions"), "{error}");
}

/// The namespace is in the identity, so it need not be in the key.
#[tokio::test]
async fn the_namespace_is_the_callers() {
    let server = RedisServer::start().await;
    let store = RedisStore::connect(&server.url(), common::namespace())
        .await
        .unwrap();
    assert_eq!(store.namespace(), &common::namespace());
}
