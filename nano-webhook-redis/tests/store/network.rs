//! Connections that break, or die without a sign.

use std::time::{Duration, Instant};

use nano_webhook_core::dedupe::{DedupeStore as _, Ownership};

use crate::support::{
    BODY, Fault, Proxy, RedisServer, TERMS, acquired, builder, claim, claim_in_the_end, client,
    handle, id, impatient, owner, poll, url,
};

/// A call whose answer was lost is repeated with the same token, so a claim is not in
/// progress for itself.
#[tokio::test]
async fn a_lost_answer_is_asked_for_again() {
    let server = RedisServer::start().await;
    let proxy = Proxy::start(server.address()).await;
    let store = builder().connect(client(&url(&proxy))).await.unwrap();

    proxy.state().fault = Fault::LoseAnswer;
    assert_eq!(claim(&store, 1).await.unwrap(), acquired(1));
    assert!(matches!(proxy.state().fault, Fault::None));
    proxy.state().fault = Fault::LoseAnswer;
    let held = store.renew(id(1), owner(1), TERMS).await.unwrap();
    assert_eq!(held, Ownership::Held);
    proxy.state().fault = Fault::LoseAnswer;
    let held = store.complete(id(1), owner(1), TERMS).await.unwrap();
    assert_eq!(held, Ownership::Held);
    assert_eq!(proxy.connections(), 4);

    // The exception: after a release, its repetition holds nothing.
    assert_eq!(claim(&store, 2).await.unwrap(), acquired(1));
    proxy.state().fault = Fault::LoseAnswer;
    let lost = store.release(id(2), owner(1), TERMS).await.unwrap();
    assert_eq!(lost, Ownership::Lost);
    let next = store.claim(id(2), BODY, owner(2), TERMS).await.unwrap();
    assert_eq!(next, acquired(2));
}

/// The kernel drops what arrives on the present connections, and acknowledges nothing.
#[cfg(target_os = "linux")]
fn cut_silently(proxy: &Proxy) {
    use nano_webhook_redis::redis::io::tcp::socket2::{SockFilter, SockRef};

    for client in &proxy.state().clients {
        let accept_nothing = [SockFilter::new(6, 0, 0, 0)];
        SockRef::from(client)
            .attach_filter(&accept_nothing)
            .unwrap();
    }
}

/// A host that is gone, or a firewall that forgot the connection: the operating system
/// reports it, and not one delivery is rejected.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_silent_death_costs_no_delivery() {
    let server = RedisServer::start().await;
    let proxy = Proxy::start(server.address()).await;
    let store = nano_webhook_redis::RedisStore::builder()
        // The system needs about 3 seconds of these.
        .response_timeout(Duration::from_secs(10))
        .connect(client(&url(&proxy)))
        .await
        .unwrap();
    let connections = proxy.connections();
    cut_silently(&proxy);

    // Calls that fail together share the new connection.
    let mut claims = tokio::task::JoinSet::new();
    for number in 1..20 {
        let store = store.clone();
        claims.spawn(async move { claim(&store, number).await.unwrap() });
    }
    for answer in claims.join_all().await {
        assert_eq!(answer, acquired(1));
    }
    assert_eq!(proxy.connections(), connections + 1);
}

/// A peer that acknowledges everything and answers nothing, such as a proxy that lost
/// its server, is found by the store.
#[tokio::test]
async fn a_connection_that_swallows_calls_is_replaced() {
    let server = RedisServer::start().await;
    let proxy = Proxy::start(server.address()).await;
    let store = impatient().connect_lazy(client(&url(&proxy)));
    claim_in_the_end(&store, 0, owner(1)).await;
    let first = proxy.connections();
    proxy.state().fault = Fault::Swallow { first };
    let begun = Instant::now();
    assert!(claim(&store, 1).await.is_err());
    assert_eq!(claim_in_the_end(&store, 1, owner(1)).await, acquired(1));
    // Until then it could be a busy server.
    assert!(begun.elapsed() >= Duration::from_secs(5));
}

/// Data that was not sent must not arrive after a connection was given up.
#[tokio::test]
async fn a_connection_that_is_given_up_is_reset() {
    let server = RedisServer::start().await;
    let proxy = Proxy::start(server.address()).await;
    let store = builder().connect(client(&url(&proxy))).await.unwrap();
    assert_eq!(proxy.state().resets, 0);
    drop(store);
    let resets = async || proxy.state().resets;
    poll(resets, |resets| *resets > 0).await;
}

/// The operating system finds the death of an idle connection. The test reads the timer,
/// because it would have to wait for 20 seconds.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_idle_connection_is_probed() {
    let server = RedisServer::start().await;
    let store = builder().connect(client(&server.url())).await.unwrap();
    let server_port = format!(":{:04X}", server.address().port());
    let due = async || {
        let connections = std::fs::read_to_string("/proc/net/tcp").unwrap();
        // Of the established connection (01) to the server, the hundredths of a second
        // until its keep-alive timer (02) expires. Another timer may be due first.
        let mut lines = connections.lines().map(str::split_whitespace);
        let timer = lines.find_map(|fields| match fields.collect::<Vec<_>>()[..] {
            [_, _, peer, "01", _, timer, ..] if peer.ends_with(&server_port) => Some(timer),
            _ => None,
        });
        let due = timer?.strip_prefix("02:")?;
        Some(u64::from_str_radix(due, 16).unwrap())
    };
    let due = poll(due, Option::is_some).await;
    // By default it would be two hours.
    assert!(due <= Some(1_600), "{due:?}");
    drop(store);
}

/// As when a store is made on a runtime of its own before the service's begins.
#[test]
fn a_store_survives_the_runtime_that_it_was_made_on() {
    let first = tokio::runtime::Runtime::new().unwrap();
    let server = first.block_on(RedisServer::start());
    let store = first.block_on(builder().connect(client(&server.url())));
    drop(first);
    let second = tokio::runtime::Runtime::new().unwrap();
    second.block_on(handle(&store.unwrap(), 1));
}
