//! Servers that die, freeze, forget, refuse and come back; networks that lose.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod common;

use std::time::{Duration, Instant};

use common::proxy::Proxy;
use common::support::RedisServer;
use common::{FIRST, PATIENCE, SECOND, TERMS, builder, id, owner};
use nano_webhook_core::dedupe::{Claim, DedupeStore as _, DeliveryId, LeaseToken, Ownership};
use nano_webhook_redis::{RedisStore, RedisStoreBuilder, RedisStoreError};

/// Short timeouts, for servers that will not answer.
fn impatient() -> RedisStoreBuilder {
    builder()
        .connect_timeout(Duration::from_millis(400))
        .command_timeout(Duration::from_millis(200))
}

async fn claim(store: &RedisStore, id: DeliveryId) -> Claim {
    store.claim(id, owner(1), TERMS).await.unwrap()
}

/// Claims until there is an answer.
async fn claim_in_the_end(store: &RedisStore, id: DeliveryId) -> Claim {
    claim_in_the_end_by(store, id, owner(1)).await
}

async fn claim_in_the_end_by(store: &RedisStore, id: DeliveryId, owner: LeaseToken) -> Claim {
    let begun = Instant::now();
    loop {
        match store.claim(id, owner, TERMS).await {
            Ok(claim) => return claim,
            Err(error) => assert!(begun.elapsed() < PATIENCE, "still {error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_frozen_server_is_an_error_in_time() {
    let server = RedisServer::start().await;
    let store = impatient().connect(&server.url()).await.unwrap();
    let lazy = impatient().connect_lazy(&server.url()).unwrap();
    server.freeze();

    let begun = Instant::now();
    let error = store.claim(id(1), owner(1), TERMS).await.unwrap_err();
    assert!(
        error.to_string().contains("did not answer within"),
        "{error}"
    );
    assert!(store.renew(id(1), owner(1), TERMS).await.is_err());
    assert!(store.complete(id(1), owner(1), TERMS).await.is_err());
    assert!(store.release(id(1), owner(1), TERMS).await.is_err());
    // While connecting.
    assert!(lazy.claim(id(2), owner(1), TERMS).await.is_err());
    let error = impatient().connect(&server.url()).await.unwrap_err();
    assert!(
        matches!(error, RedisStoreError::Unreachable { .. }),
        "{error}"
    );
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(4 * 200), "{took:?}");
    assert!(took < PATIENCE, "{took:?}");

    server.thaw();
    assert_eq!(claim_in_the_end(&lazy, id(3)).await, FIRST);
    assert_eq!(claim_in_the_end(&store, id(4)).await, FIRST);
}

/// Also on a connection of the caller's that would wait for ever.
#[tokio::test]
async fn a_frozen_server_is_an_error_on_any_connection() {
    let server = RedisServer::start().await;
    let client = redis::Client::open(server.url()).unwrap();
    let config = redis::AsyncConnectionConfig::new()
        .set_connection_timeout(None)
        .set_response_timeout(None);
    let connection = client
        .get_multiplexed_async_connection_with_config(&config)
        .await
        .unwrap();
    let store = impatient().from_connection(connection).unwrap();
    assert_eq!(claim_in_the_end(&store, id(1)).await, FIRST);
    server.freeze();
    let claim = store.claim(id(2), owner(1), TERMS);
    let error = tokio::time::timeout(PATIENCE, claim)
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(error.to_string(), "Redis did not answer within 200ms");
    server.thaw();
    assert_eq!(claim_in_the_end(&store, id(3)).await, FIRST);
}

/// Calls on one connection have their effect in order, answered or not: a claim
/// that was given up and released does not come to life afterwards.
#[tokio::test]
async fn a_claim_that_was_given_up_does_not_outlive_the_freeze() {
    let server = RedisServer::start().await;
    let store = impatient().connect(&server.url()).await.unwrap();
    // From here on the server knows the script by its hash.
    assert_eq!(claim_in_the_end(&store, id(0)).await, FIRST);
    server.freeze();
    assert!(store.claim(id(1), owner(1), TERMS).await.is_err());
    assert!(store.release(id(1), owner(1), TERMS).await.is_err());
    server.thaw();
    let next = claim_in_the_end_by(&store, id(1), owner(2)).await;
    assert_eq!(next, SECOND);
}

#[tokio::test]
async fn a_durable_server_that_was_killed_remembers() {
    let mut server = RedisServer::start_durable().await;
    let store = builder().connect(&server.url()).await.unwrap();
    assert_eq!(claim(&store, id(1)).await, FIRST);
    let held = store.complete(id(1), owner(1), TERMS).await.unwrap();
    assert_eq!(held, Ownership::Held);
    assert_eq!(claim(&store, id(2)).await, FIRST);

    server.kill().await;
    let error = store.claim(id(3), owner(1), TERMS).await.unwrap_err();
    let expected = format!("no connection to Redis at {}: ", server.address());
    assert!(error.to_string().starts_with(&expected), "{error}");

    server.restart().await;
    assert_eq!(claim_in_the_end(&store, id(1)).await, Claim::Completed);
    let other = store.claim(id(2), owner(2), TERMS).await.unwrap();
    assert!(matches!(other, Claim::InProgress { .. }), "{other:?}");
    let held = store.complete(id(2), owner(1), TERMS).await.unwrap();
    assert_eq!(held, Ownership::Held);
}

/// No call fails for a server that was away while nobody asked.
#[tokio::test]
async fn a_restart_between_two_deliveries_goes_unnoticed() {
    let mut server = RedisServer::start_durable().await;
    let store = builder().connect(&server.url()).await.unwrap();
    assert_eq!(claim(&store, id(1)).await, FIRST);
    server.restart().await;
    assert_eq!(claim(&store, id(2)).await, FIRST);
}

/// The documented worst: what was completed can be claimed again, and a holder
/// is told that it holds nothing.
#[tokio::test]
async fn a_server_that_comes_back_empty_has_forgotten() {
    let mut server = RedisServer::start().await;
    let store = builder().connect(&server.url()).await.unwrap();
    assert_eq!(claim(&store, id(1)).await, FIRST);
    let _ = store.complete(id(1), owner(1), TERMS).await.unwrap();
    assert_eq!(claim(&store, id(2)).await, FIRST);

    server.restart_empty().await;
    let lost = store.complete(id(2), owner(1), TERMS).await.unwrap();
    assert_eq!(lost, Ownership::Lost);
    assert_eq!(claim(&store, id(1)).await, FIRST);
    assert_eq!(claim(&store, id(2)).await, FIRST);
}

#[tokio::test]
async fn a_service_can_start_before_its_server() {
    let mut server = RedisServer::start().await;
    server.kill().await;
    let error = builder().connect(&server.url()).await.unwrap_err();
    assert!(
        matches!(error, RedisStoreError::Unreachable { .. }),
        "{error}"
    );

    let store = builder().connect_lazy(&server.url()).unwrap();
    assert!(store.claim(id(1), owner(1), TERMS).await.is_err());
    server.restart().await;
    assert_eq!(claim_in_the_end(&store, id(1)).await, FIRST);
}

/// The client's own manager would never try again after these.
#[tokio::test]
async fn a_connection_that_was_refused_is_tried_again() {
    let server = RedisServer::start().await;
    let url = server.url().replace("redis://", "redis://:right@");
    let store = builder().connect_lazy(&url).unwrap();
    server
        .command(&["CONFIG", "SET", "requirepass", "wrong"])
        .await;
    let error = store.claim(id(1), owner(1), TERMS).await.unwrap_err();
    assert!(
        error.to_string().contains("authentication failed"),
        "{error}"
    );
    let client = redis::Client::open(server.url().replace("redis://", "redis://:wrong@")).unwrap();
    let mut operator = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd("CONFIG")
        .arg(&["SET", "requirepass", "right"])
        .exec_async(&mut operator)
        .await
        .unwrap();
    assert_eq!(claim_in_the_end(&store, id(1)).await, FIRST);
}

#[tokio::test]
async fn no_room_for_one_more_client_is_not_for_ever() {
    let server = RedisServer::start().await;
    server.command(&["CONFIG", "SET", "maxclients", "1"]).await;
    let client = redis::Client::open(server.url()).unwrap();
    let mut operator = client.get_multiplexed_async_connection().await.unwrap();
    let store = builder().connect_lazy(&server.url()).unwrap();
    let error = store.claim(id(1), owner(1), TERMS).await.unwrap_err();
    assert!(
        error.to_string().starts_with("no connection to Redis"),
        "{error}"
    );
    redis::cmd("CONFIG")
        .arg(&["SET", "maxclients", "100"])
        .exec_async(&mut operator)
        .await
        .unwrap();
    assert_eq!(claim_in_the_end(&store, id(1)).await, FIRST);
}

#[tokio::test]
async fn a_demoted_server_is_left_for_its_successor() {
    let old = RedisServer::start().await;
    let new = RedisServer::start().await;
    let proxy = Proxy::start(old.address()).await;
    let store = builder().connect(&proxy.url()).await.unwrap();
    assert_eq!(claim(&store, id(1)).await, FIRST);

    // A failover: the name leads elsewhere, the old connection is still there.
    let port = new.address().port().to_string();
    old.command(&["REPLICAOF", "127.0.0.1", &port]).await;
    proxy.redirect(new.address());
    assert_eq!(claim(&store, id(2)).await, FIRST);
    let keys = new.command(&["EXISTS", &store.key(id(2))]).await;
    assert_eq!(keys, ":1\r\n");
}

/// Before Redis 7.0, the error is one of the script.
#[tokio::test]
async fn a_demoted_server_that_says_so_in_old_words_is_left_too() {
    let old = RedisServer::start().await;
    let new = RedisServer::start().await;
    let proxy = Proxy::start(old.address()).await;
    proxy.speak_as_before_7();
    let store = builder().connect(&proxy.url()).await.unwrap();
    assert_eq!(claim(&store, id(1)).await, FIRST);
    demote(&old).await;

    // The name still leads to it.
    let error = store.claim(id(2), owner(1), TERMS).await.unwrap_err();
    let error = error.to_string();
    let advice = "Redis: this server is a replica: use the primary's address (";
    assert!(error.starts_with(advice), "{error}");
    assert!(error.contains("Error running script"), "{error}");

    proxy.redirect(new.address());
    assert_eq!(claim(&store, id(2)).await, FIRST);
    let keys = new.command(&["EXISTS", &store.key(id(2))]).await;
    assert_eq!(keys, ":1\r\n");
}

/// Makes it a replica of nobody in particular.
async fn demote(server: &RedisServer) {
    let done = server.command(&["REPLICAOF", "127.0.0.1", "1"]).await;
    assert!(done.starts_with("+OK"), "{done}");
}

#[tokio::test]
async fn a_replica_is_not_accepted() {
    let server = RedisServer::start().await;
    demote(&server).await;
    for (stale_reads, words) in [
        ("yes", "against a read only replica"),
        ("no", "Link with MASTER is down"),
    ] {
        let option = ["CONFIG", "SET", "replica-serve-stale-data", stale_reads];
        server.command(&option).await;
        let error = builder().connect(&server.url()).await.unwrap_err();
        let error = error.to_string();
        let advice = "Redis: this server is a replica: use the primary's address (";
        assert!(error.starts_with(advice), "{error}");
        assert!(error.contains(words), "{error}");

        let lazy = builder().connect_lazy(&server.url()).unwrap();
        let error = lazy.claim(id(1), owner(1), TERMS).await.unwrap_err();
        assert!(error.to_string().starts_with(advice), "{error}");
    }
}

/// The claim had its effect and its answer was lost. It is repeated with the
/// same token, so it is not in progress for itself.
#[tokio::test]
async fn an_answer_that_was_lost_is_asked_for_again() {
    let server = RedisServer::start().await;
    let proxy = Proxy::start(server.address()).await;
    let store = builder().connect(&proxy.url()).await.unwrap();

    // The scripts are known to the server from here on.
    assert_eq!(claim(&store, id(1)).await, FIRST);
    let _ = store.renew(id(1), owner(1), TERMS).await.unwrap();
    let _ = store.complete(id(1), owner(1), TERMS).await.unwrap();

    proxy.lose_an_answer();
    assert_eq!(claim(&store, id(2)).await, FIRST);
    assert!(proxy.answer_is_lost());
    proxy.lose_an_answer();
    let held = store.renew(id(2), owner(1), TERMS).await.unwrap();
    assert_eq!(held, Ownership::Held);
    assert!(proxy.answer_is_lost());
    proxy.lose_an_answer();
    let held = store.complete(id(2), owner(1), TERMS).await.unwrap();
    assert_eq!(held, Ownership::Held);
    assert!(proxy.answer_is_lost());
    assert_eq!(proxy.connections(), 4);

    // A release is the exception: what it gave up it does not hold.
    assert_eq!(claim(&store, id(3)).await, FIRST);
    proxy.lose_an_answer();
    let lost = store.release(id(3), owner(1), TERMS).await.unwrap();
    assert_eq!(lost, Ownership::Lost);
    let other = store.claim(id(3), owner(2), TERMS).await.unwrap();
    assert_eq!(other, SECOND);
}

#[tokio::test]
async fn a_connection_that_went_silent_is_given_up() {
    let server = RedisServer::start().await;
    let proxy = Proxy::start(server.address()).await;
    let store = impatient()
        .connect_timeout(PATIENCE)
        .connect(&proxy.url())
        .await
        .unwrap();
    assert_eq!(claim(&store, id(1)).await, FIRST);
    proxy.silence();
    assert!(store.claim(id(2), owner(2), TERMS).await.is_err());
    assert_eq!(claim_in_the_end(&store, id(2)).await, FIRST);
    assert_eq!(proxy.connections(), 2);
}

/// Longer than a connection may be silent. It is the time itself that matters:
/// there is no event to wait for.
const IDLE: Duration = Duration::from_millis(5_100);

/// Not even the first one.
#[tokio::test]
async fn a_connection_that_died_while_idle_costs_no_delivery() {
    let server = RedisServer::start().await;
    let proxy = Proxy::start(server.address()).await;
    let store = builder()
        .command_timeout(Duration::from_secs(3))
        .connect(&proxy.url())
        .await
        .unwrap();
    assert_eq!(claim(&store, id(0)).await, FIRST);
    tokio::time::sleep(IDLE).await;
    proxy.silence();

    // All that come at once share the new connection.
    let mut claims = tokio::task::JoinSet::new();
    for number in 1..20 {
        let store = store.clone();
        claims.spawn(async move { store.claim(id(number), owner(1), TERMS).await });
    }
    for answer in claims.join_all().await {
        assert_eq!(answer.unwrap(), FIRST);
    }
    assert_eq!(proxy.connections(), 2);
    let held = store.complete(id(1), owner(1), TERMS).await.unwrap();
    assert_eq!(held, Ownership::Held);
    assert_eq!(proxy.connections(), 2);
}

/// A server that is frozen has not lost the connection, however long it was idle.
#[tokio::test]
async fn a_frozen_server_keeps_its_connection_and_the_order_of_its_calls() {
    let server = RedisServer::start().await;
    let proxy = Proxy::start(server.address()).await;
    let store = impatient().connect(&proxy.url()).await.unwrap();
    assert_eq!(claim_in_the_end(&store, id(0)).await, FIRST);
    tokio::time::sleep(IDLE).await;
    server.freeze();

    let begun = Instant::now();
    assert!(store.claim(id(1), owner(1), TERMS).await.is_err());
    // It had the time to try another connection.
    assert!(begun.elapsed() >= Duration::from_millis(200 + 400));
    assert!(store.release(id(1), owner(1), TERMS).await.is_err());
    assert!(begun.elapsed() < PATIENCE);
    // The other connection was not tried again for the release, unless this took
    // for ever.
    if begun.elapsed() < Duration::from_secs(5) {
        assert_eq!(proxy.connections(), 2);
    }

    server.thaw();
    let next = claim_in_the_end_by(&store, id(1), owner(2)).await;
    assert_eq!(next, SECOND);
}

/// What a connection has not yet sent must not arrive after it was given up.
#[tokio::test]
async fn a_connection_that_is_given_up_is_reset() {
    let server = RedisServer::start().await;
    let proxy = Proxy::start(server.address()).await;
    let store = builder().connect(&proxy.url()).await.unwrap();
    assert_eq!(claim(&store, id(1)).await, FIRST);
    assert_eq!((proxy.connections(), proxy.resets()), (1, 0));
    drop(store);
    let begun = Instant::now();
    while proxy.resets() == 0 {
        assert!(begun.elapsed() < PATIENCE, "it was closed, or not at all");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The operating system finds out by itself that the other host is gone.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_idle_connection_is_probed() {
    let server = RedisServer::start().await;
    let store = builder().connect(&server.url()).await.unwrap();
    assert_eq!(claim(&store, id(1)).await, FIRST);
    // Connections to the server, from /proc/net/tcp: the kind of timer (2 is
    // keep-alive, where nothing else is due) and the hundredths of a second
    // until it goes off.
    let server_port = format!(":{:04X}", server.address().port());
    let timers = || -> Vec<(String, u64)> {
        std::fs::read_to_string("/proc/net/tcp")
            .unwrap()
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>())
            .filter(|fields| fields[2].ends_with(&server_port) && fields[3] == "01")
            .map(|fields| {
                let (kind, due) = fields[5].split_once(':').unwrap();
                (kind.to_owned(), u64::from_str_radix(due, 16).unwrap())
            })
            .collect()
    };
    let begun = Instant::now();
    loop {
        let timers = timers();
        assert_eq!(timers.len(), 1, "{timers:?}");
        if let [(kind, due)] = timers.as_slice()
            && kind == "02"
        {
            // By default it would be two hours.
            assert!(*due <= 1_600, "{due}");
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "no keep-alive: {timers:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(store);
}

#[tokio::test]
async fn a_full_server_refuses_and_recovers() {
    let server = RedisServer::start().await;
    let store = builder().connect(&server.url()).await.unwrap();
    server.command(&["CONFIG", "SET", "maxmemory", "1"]).await;
    let error = store.claim(id(1), owner(1), TERMS).await.unwrap_err();
    assert!(error.to_string().contains("OOM"), "{error}");
    server.command(&["CONFIG", "SET", "maxmemory", "0"]).await;
    assert_eq!(claim(&store, id(1)).await, FIRST);
}

/// As when a store is made in a runtime of its own before the server's begins.
#[test]
fn a_store_survives_the_runtime_that_it_was_made_on() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let first = runtime();
    let server = first.block_on(RedisServer::start());
    let store = first.block_on(builder().connect(&server.url())).unwrap();
    drop(first);
    runtime().block_on(async {
        assert_eq!(claim_in_the_end(&store, id(1)).await, FIRST);
        assert_eq!(claim(&store, id(2)).await, FIRST);
    });
}
