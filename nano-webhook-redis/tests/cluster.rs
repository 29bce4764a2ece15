//! The contract, on a cluster of three.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::{Duration, Instant};

use common::aging::age;
use common::cluster::Cluster;
use common::{FIRST, PATIENCE, TERMS, builder, id, owner};
use nano_webhook_core::dedupe::DedupeStore as _;
use nano_webhook_core::dedupe::acceptance::Acceptance;
use nano_webhook_redis::{RedisStore, redis};

const UNIT: Duration = Duration::from_secs(600);

async fn accept(store: &RedisStore, cluster: &Cluster) {
    let sleep = async |time| {
        for node in &cluster.nodes {
            age(node, time).await;
        }
    };
    Acceptance::new(store, UNIT, sleep).all().await.unwrap();
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let cluster = Cluster::start().await;
    let store = builder().connect_cluster(cluster.urls()).await.unwrap();
    accept(&store, &cluster).await;
    // They were spread.
    for node in &cluster.nodes {
        assert_ne!(node.command(&["DBSIZE"]).await, ":0\r\n");
    }

    // One node is enough to find the others.
    let urls = cluster.urls();
    let client = redis::cluster::ClusterClient::new(urls[..1].to_vec()).unwrap();
    let connection = client.get_async_connection().await.unwrap();
    accept(&builder().from_connection(connection).unwrap(), &cluster).await;
}

/// It would be right for a third of the deliveries.
#[tokio::test]
async fn a_node_by_itself_is_not_accepted() {
    let cluster = Cluster::start().await;
    for url in cluster.urls() {
        let error = builder().connect(&url).await.unwrap_err().to_string();
        let advice = "Redis: this server is a node of a cluster: use connect_cluster, of the feature cluster (Moved: ";
        assert!(error.starts_with(advice), "{error}");
    }
}

/// A node that is gone takes its deliveries with it, and no others.
#[tokio::test]
async fn a_frozen_node_is_an_error_in_time() {
    let cluster = Cluster::start().await;
    for node in &cluster.nodes {
        // The others go on although a part is missing.
        let option = ["CONFIG", "SET", "cluster-require-full-coverage", "no"];
        node.command(&option).await;
    }
    let impatient = || {
        builder()
            .connect_timeout(Duration::from_secs(12))
            .command_timeout(Duration::from_millis(500))
    };
    let store = impatient().connect_cluster(cluster.urls()).await.unwrap();
    // Connects while the node is gone.
    let lazy = impatient().connect_cluster_lazy(cluster.urls()).unwrap();
    cluster.nodes[1].freeze();
    for store in [&store, &lazy] {
        let (mut answered, mut refused) = (false, false);
        for number in 0..100 {
            let begun = Instant::now();
            match store.claim(id(number), owner(1), TERMS).await {
                Ok(_) => answered = true,
                Err(_) => refused = true,
            }
            assert!(begun.elapsed() < PATIENCE);
            if answered && refused {
                break;
            }
        }
        assert!(answered, "the other nodes are well");
        assert!(refused, "one of three is frozen");
    }
    cluster.nodes[1].thaw();
    for store in [&store, &lazy] {
        for number in 200..210 {
            let begun = Instant::now();
            loop {
                match store.claim(id(number), owner(1), TERMS).await {
                    Ok(claim) => break assert_eq!(claim, FIRST),
                    Err(error) => assert!(begun.elapsed() < PATIENCE, "still {error}"),
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            for node in &cluster.nodes {
                // But for one, it is not their key.
                node.command(&["DEL", &store.key(id(number))]).await;
            }
        }
    }
}

/// A node that was killed and is back is found again.
#[tokio::test]
async fn a_killed_node_is_an_error_until_it_is_back() {
    let mut cluster = Cluster::start().await;
    let store = builder()
        .connect_timeout(Duration::from_secs(12))
        .command_timeout(Duration::from_secs(1))
        .connect_cluster(cluster.urls())
        .await
        .unwrap();
    cluster.nodes[2].kill().await;
    let mut refused = 0;
    while store.claim(id(refused), owner(1), TERMS).await.is_ok() {
        refused += 1;
    }
    cluster.nodes[2].restart().await;
    let begun = Instant::now();
    while let Err(error) = store.claim(id(refused), owner(1), TERMS).await {
        assert!(begun.elapsed() < PATIENCE, "still {error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
