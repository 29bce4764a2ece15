//! The contract of a store.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DedupeStore as _, OwnerToken, Ownership, Terms,
};
use nano_webhook_core::testing::store::acceptance;
use nano_webhook_redis::RedisStore;
use tokio::task::JoinSet;

use crate::support::{
    BODY, PATIENCE, RedisServer, TERMS, acquired, age, builder, claim, client, handle, id, owner,
};

const TAKEN_OVER: Claim = Claim::Acquired {
    attempt: 2,
    taken_over: true,
};

/// Runs core's suite for stores. Time passes on these servers.
pub(crate) async fn accept(store: &RedisStore, servers: &[&RedisServer]) {
    let sleep = async |time| {
        for server in servers {
            age(server, time).await;
        }
    };
    acceptance(store, TERMS.lease, sleep).await;
}

#[tokio::test]
async fn it_keeps_the_contract_on_every_connection() {
    let server = RedisServer::start().await;
    let resp3 = client(&format!("{}/?protocol=resp3", server.url()));
    let client = client(&server.url());
    let multiplexed = client.get_multiplexed_async_connection().await.unwrap();
    let manager = client.get_connection_manager().await.unwrap();
    for store in [
        builder().connect(client).await.unwrap(),
        builder().connect(resp3).await.unwrap(),
        builder().build(multiplexed),
        builder().build(manager),
    ] {
        accept(&store, &[&server]).await;
    }
}

#[tokio::test]
async fn terms_without_measure_are_bounded() {
    let server = RedisServer::start().await;
    let store = builder().connect(client(&server.url())).await.unwrap();
    for (number, lease) in [(1, Duration::ZERO), (2, Duration::MAX)] {
        let terms = Terms {
            lease,
            retention: Duration::MAX,
        };
        let (id, owner) = (id(number), owner(1));
        let first = store.claim(id, BODY, owner, terms).await.unwrap();
        assert_eq!(first, acquired(1));
        let held = store.complete(id, owner, terms).await.unwrap();
        assert_eq!(held, Ownership::Held);
    }
}

/// Four stores, each with a connection of its own, as in four processes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_concurrent_claims_one_wins() {
    let server = RedisServer::start().await;
    let mut stores = Vec::new();
    for _ in 0..4 {
        stores.push(builder().connect(client(&server.url())).await.unwrap());
    }
    for round in 1..=20 {
        let mut claims = JoinSet::new();
        for number in 0..100 {
            let store = stores[number % stores.len()].clone();
            let token = OwnerToken::random().unwrap();
            claims.spawn(async move { store.claim(id(round), BODY, token, TERMS).await.unwrap() });
        }
        let answers = claims.join_all().await;
        let won = answers.iter().filter(|answer| **answer == acquired(1));
        let lost = |answer: &&Claim| matches!(answer, Claim::InProgress { .. });
        assert_eq!((won.count(), answers.iter().filter(lost).count()), (1, 99));
    }
}

/// In real time, on the server's clock.
#[tokio::test]
async fn a_lease_runs_out_by_the_servers_clock() {
    let server = RedisServer::start().await;
    let store = builder().connect(client(&server.url())).await.unwrap();
    let terms = Terms {
        lease: Duration::from_millis(200),
        ..TERMS
    };
    let begun = Instant::now();
    let first = store.claim(id(1), BODY, owner(1), terms).await.unwrap();
    assert_eq!(first, acquired(1));
    let next = loop {
        match store.claim(id(1), BODY, owner(2), terms).await.unwrap() {
            Claim::InProgress { remaining } => tokio::time::sleep(remaining).await,
            other => break other,
        }
        assert!(begun.elapsed() < PATIENCE);
    };
    assert_eq!(next, TAKEN_OVER);
    // The server measures with another clock.
    assert!(begun.elapsed() >= terms.lease - Duration::from_millis(10));
}

/// A server's clock that was set back does not extend a lease by that time.
#[tokio::test]
async fn a_clock_that_was_set_back_does_not_extend_a_lease() {
    let server = RedisServer::start().await;
    let store = builder().connect(client(&server.url())).await.unwrap();
    // The record as the server wrote it before its clock was set back by a day.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let since = (now + Duration::from_secs(24 * 3600)).as_micros();
    let lease = TERMS.lease.as_micros();
    let record = format!("leased {} 1 {since} {lease} {BODY}", owner(1));
    let key = store.key(id(1));
    server
        .command(&["SET", &key, &record, "PX", "172800000"])
        .await;

    let other = || store.claim(id(1), BODY, owner(2), TERMS);
    let Claim::InProgress { remaining } = other().await.unwrap() else {
        panic!("the lease is held");
    };
    assert_eq!(remaining, TERMS.lease);
    // Its owner still holds it.
    let held = store.renew(id(1), owner(1), TERMS).await.unwrap();
    assert_eq!(held, Ownership::Held);
    server
        .command(&["SET", &key, &record, "PX", "172800000"])
        .await;
    other().await.unwrap();
    age(&server, TERMS.lease).await;
    assert_eq!(other().await.unwrap(), TAKEN_OVER);
}

#[tokio::test]
async fn every_record_ends_and_is_legible() {
    let server = RedisServer::start().await;
    let store = builder().prefix("acme:");
    let store = store.connect(client(&server.url())).await.unwrap();
    let (id, holder) = (id(0xab), owner(7));
    let key = store.key(id);
    assert_eq!(key, format!("acme:{}", "ab".repeat(32)));
    let (held, kept) = (TERMS.lease + TERMS.retention, TERMS.retention);

    let (body, lease) = (BodyDigest::from_bytes([0xcd; 16]), TERMS.lease.as_micros());
    let leased = [&format!("leased {holder} 1 1"), &format!(" {lease} {body}")];
    let first = store.claim(id, body, holder, TERMS).await.unwrap();
    assert_eq!(first, acquired(1));
    assert_record(&server, &key, leased.map(String::as_str), held).await;
    let _ = store.renew(id, holder, TERMS).await.unwrap();
    assert_record(&server, &key, leased.map(String::as_str), held).await;
    let _ = store.release(id, holder, TERMS).await.unwrap();
    assert_record(&server, &key, ["free 1", ""], kept).await;
    store.claim(id, body, holder, TERMS).await.unwrap();
    let _ = store.complete(id, holder, TERMS).await.unwrap();
    let completed = format!("completed {holder} {body}");
    assert_record(&server, &key, [&completed, ""], kept).await;
}

/// The key expires after that time, minus the time that the test has taken.
async fn assert_record(server: &RedisServer, key: &str, parts: [&str; 2], lasts: Duration) {
    let record = server.command(&["GET", key]).await;
    let legible = parts.iter().all(|part| record.contains(part));
    assert!(legible, "{record} has not {parts:?}");
    let left = server.command(&["TTL", key]).await;
    let left: u64 = left.trim().trim_start_matches(':').parse().unwrap();
    let lasts = lasts.as_secs();
    assert!((lasts - 60..=lasts).contains(&left), "{left} of {lasts}");
}

/// The sample that `connect` claims is gone at once.
#[tokio::test]
async fn connecting_leaves_nothing() {
    let server = RedisServer::start().await;
    let store = builder().connect(client(&server.url())).await.unwrap();
    server
        .eventually(&["INFO", "stats"], "expired_keys:1\r\n")
        .await;
    server.eventually(&["DBSIZE"], ":0\r\n").await;
    drop(store);
}

#[tokio::test]
async fn a_value_that_is_not_a_claim_is_an_error_and_stays() {
    let server = RedisServer::start().await;
    let store = builder().connect(client(&server.url())).await.unwrap();
    let key = store.key(id(1));
    for value in ["", "hello", "leased", "leased x y z", "free", "completed"] {
        server.command(&["SET", &key, value]).await;
        let error = claim(&store, 1).await.unwrap_err().to_string();
        assert!(error.contains("not a claim"), "{value:?}: {error}");
        assert!(store.complete(id(1), owner(1), TERMS).await.is_err());
        let after = server.command(&["GET", &key]).await;
        assert_eq!(after, format!("${}\r\n{value}\r\n", value.len()));
    }
    server.command(&["DEL", &key]).await;
    server.command(&["RPUSH", &key, "x"]).await;
    let error = claim(&store, 1).await.unwrap_err().to_string();
    assert!(error.contains("WRONGTYPE"), "{error}");
}

#[tokio::test]
async fn the_documented_access_rules_are_enough() {
    let readme = include_str!("../../README.md");
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

    let client = client(&server.url_with("receiver:secret"));
    handle(&builder().connect(client.clone()).await.unwrap(), 1).await;
    // And not more than enough.
    let elsewhere = builder().prefix("another:").connect(client).await;
    let error = elsewhere.unwrap_err().to_string();
    assert!(error.contains("no permissions"), "{error}");
}
