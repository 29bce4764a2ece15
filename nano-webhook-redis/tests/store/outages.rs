//! Servers that freeze, die, restart, refuse, or become replicas.

use std::time::{Duration, Instant};

use nano_webhook_core::dedupe::{Claim, DedupeStore as _, Ownership};
use nano_webhook_redis::{RedisStoreError, redis};

use crate::support::{
    BODY, Fault, PATIENCE, Proxy, RedisServer, TERMS, acquired, builder, claim, claim_in_the_end,
    client, handle, id, impatient, owner, url,
};

#[tokio::test]
async fn a_frozen_server_is_an_error_in_time() {
    let server = RedisServer::start().await;
    let store = impatient().connect_lazy(client(&server.url()));
    claim_in_the_end(&store, 0, owner(1)).await;
    let unconnected = impatient().connect_lazy(client(&server.url()));
    let connection = client(&server.url())
        .get_multiplexed_async_connection()
        .await
        .unwrap();
    let given = impatient().build(connection);
    claim_in_the_end(&given, 0, owner(1)).await;
    server.freeze();

    let bounded = async {
        for store in [&store, &given] {
            let error = claim(store, 1).await.unwrap_err().to_string();
            assert!(error.starts_with("redis did not answer within"), "{error}");
            assert!(store.renew(id(1), owner(1), TERMS).await.is_err());
            assert!(store.complete(id(1), owner(1), TERMS).await.is_err());
            assert!(store.release(id(1), owner(1), TERMS).await.is_err());
        }
        assert!(claim(&unconnected, 2).await.is_err());
        let another = impatient().connect(client(&server.url())).await;
        assert!(another.is_err());
    };
    tokio::time::timeout(PATIENCE, bounded).await.unwrap();

    server.thaw();
    for (number, store) in [(3, &store), (4, &given), (5, &unconnected)] {
        let answer = claim_in_the_end(store, number, owner(1)).await;
        assert_eq!(answer, acquired(1));
    }
}

/// Calls on one connection take effect in order, answered or not: a claim that timed
/// out and was released does not take effect after its release.
#[tokio::test]
async fn a_short_freeze_keeps_the_order_of_calls() {
    let server = RedisServer::start().await;
    let proxy = Proxy::start(server.address()).await;
    let store = impatient().connect_lazy(client(&url(&proxy)));
    // The server knows the script from here on.
    claim_in_the_end(&store, 0, owner(1)).await;
    let connections = proxy.connections();
    server.freeze();
    let begun = Instant::now();
    assert!(claim(&store, 1).await.is_err());
    assert!(store.release(id(1), owner(1), TERMS).await.is_err());
    let short = begun.elapsed() < Duration::from_secs(5);
    server.thaw();
    let next = claim_in_the_end(&store, 1, owner(2)).await;
    // On a machine that is so slow that this was no short freeze, the connection may
    // have been replaced.
    if short {
        // Attempt 1 if the claim timed out before it was sent.
        let attempts = [acquired(1), acquired(2)];
        assert!(attempts.contains(&next), "{next:?}");
        assert_eq!(proxy.connections(), connections);
    }
}

#[tokio::test]
async fn a_durable_server_that_was_killed_remembers() {
    let mut server = RedisServer::start_with(RedisServer::DURABLE).await;
    let store = builder().connect(client(&server.url())).await.unwrap();
    handle(&store, 1).await;
    assert_eq!(claim(&store, 2).await.unwrap(), acquired(1));

    server.kill().await;
    let error = claim(&store, 3).await.unwrap_err().to_string();
    let expected = format!("no connection to redis at {}: ", server.address());
    assert!(error.starts_with(&expected), "{error}");

    server.restart().await;
    let answer = claim_in_the_end(&store, 1, owner(1)).await;
    assert!(matches!(answer, Claim::Completed { .. }), "{answer:?}");
    let other = store.claim(id(2), BODY, owner(2), TERMS);
    assert!(matches!(other.await, Ok(Claim::InProgress { .. })));

    // No call fails for a server that was away between two calls.
    server.restart().await;
    let held = store.complete(id(2), owner(1), TERMS).await.unwrap();
    assert_eq!(held, Ownership::Held);
}

/// The documented worst case.
#[tokio::test]
async fn a_server_without_persistence_forgets() {
    let mut server = RedisServer::start().await;
    let store = builder().connect(client(&server.url())).await.unwrap();
    handle(&store, 1).await;
    assert_eq!(claim(&store, 2).await.unwrap(), acquired(1));

    server.restart().await;
    let lost = store.complete(id(2), owner(1), TERMS).await.unwrap();
    assert_eq!(lost, Ownership::Lost);
    assert_eq!(claim(&store, 1).await.unwrap(), acquired(1));
}

#[tokio::test]
async fn a_service_can_start_before_its_server() {
    let mut server = RedisServer::start().await;
    server.kill().await;
    let error = builder().connect(client(&server.url())).await.unwrap_err();
    let unreachable = matches!(error, RedisStoreError::Unreachable { .. });
    assert!(unreachable, "{error}");

    let store = builder().connect_lazy(client(&server.url()));
    assert!(claim(&store, 1).await.is_err());
    server.restart().await;
    assert_eq!(claim_in_the_end(&store, 1, owner(1)).await, acquired(1));
}

/// The `ConnectionManager` of the redis crate would not try again.
#[tokio::test]
async fn a_refused_connection_is_tried_again() {
    for (option, refusing, accepting) in [
        ("requirepass", "another", "right"),
        ("maxclients", "1", "100"),
    ] {
        let server = RedisServer::start().await;
        let mut operator = client(&server.url())
            .get_multiplexed_async_connection()
            .await
            .unwrap();
        let mut set = async |value| {
            redis::cmd("CONFIG")
                .arg(&["SET", option, value])
                .exec_async(&mut operator)
                .await
                .unwrap();
        };
        set(refusing).await;
        let url = match option {
            "requirepass" => server.url_with(":right"),
            _ => server.url(),
        };
        let store = builder().connect_lazy(client(&url));
        let error = claim(&store, 1).await.unwrap_err().to_string();
        assert!(error.starts_with("no connection to redis"), "{error}");
        set(accepting).await;
        assert_eq!(claim_in_the_end(&store, 1, owner(1)).await, acquired(1));
    }
}

/// Before Redis 7.0, a server words an error of a command within a script so.
const OLD_WORDS: &[u8] = b"-ERR Error running script (call to f_b5939d19): @user_script:35: ";

/// The redis crate would keep the connection to the old primary.
#[tokio::test]
async fn a_demoted_server_is_left_for_its_successor() {
    for before_7 in [false, true] {
        for stale_reads in ["yes", "no"] {
            let (old, new) = (RedisServer::start().await, RedisServer::start().await);
            let option = ["CONFIG", "SET", "replica-serve-stale-data", stale_reads];
            old.command(&option).await;
            let proxy = Proxy::start(old.address()).await;
            if before_7 {
                proxy.state().fault = Fault::Rewrite(|answer| {
                    let refusal =
                        answer.starts_with(b"-READONLY") || answer.starts_with(b"-MASTERDOWN");
                    let before: &[u8] = if refusal { OLD_WORDS } else { b"" };
                    [before, answer].concat()
                });
            }
            let store = builder().connect(client(&url(&proxy))).await.unwrap();
            assert_eq!(claim(&store, 1).await.unwrap(), acquired(1));
            let done = old.command(&["REPLICAOF", "127.0.0.1", "1"]).await;
            assert!(done.starts_with("+OK"), "{done}");
            // The name still leads to the old primary.
            let another = builder().connect(client(&url(&proxy))).await;
            assert_replica(&another.unwrap_err().to_string());
            if stale_reads == "no" {
                assert_replica(&claim(&store, 2).await.unwrap_err().to_string());
            }

            proxy.state().target = new.address();
            assert_eq!(claim(&store, 2).await.unwrap(), acquired(1));
            let keys = new.command(&["EXISTS", &store.key(id(2))]).await;
            assert_eq!(keys, ":1\r\n");
        }
    }
}

fn assert_replica(error: &str) {
    let (beginning, advice) = (
        "redis: the server is a replica (",
        "use the primary's address",
    );
    assert!(error.starts_with(beginning), "{error}");
    assert!(error.ends_with(advice), "{error}");
}

#[tokio::test]
async fn a_full_server_refuses_and_recovers() {
    let server = RedisServer::start().await;
    let store = builder().connect(client(&server.url())).await.unwrap();
    server.command(&["CONFIG", "SET", "maxmemory", "1"]).await;
    let error = claim(&store, 1).await.unwrap_err().to_string();
    assert!(error.contains("OOM"), "{error}");
    server.command(&["CONFIG", "SET", "maxmemory", "0"]).await;
    assert_eq!(claim(&store, 1).await.unwrap(), acquired(1));
}
