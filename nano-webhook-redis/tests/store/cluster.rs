//! A cluster of three, on a connection of the redis crate.

use std::time::Duration;

use nano_webhook_redis::{RedisStore, redis};

use crate::contract::accept;
use crate::support::{
    Cluster, PATIENCE, acquired, builder, claim, claim_in_the_end, client, owner,
};

async fn store(cluster: &Cluster, timeout: Duration) -> RedisStore {
    let connection = redis::cluster::ClusterClientBuilder::new([cluster.nodes[0].url()])
        .connection_timeout(PATIENCE)
        .response_timeout(PATIENCE)
        .build()
        .unwrap()
        .get_async_connection()
        .await
        .unwrap();
    let builder = RedisStore::builder().response_timeout(timeout);
    builder.build(connection)
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let cluster = Cluster::start().await;
    let nodes: Vec<_> = cluster.nodes.iter().collect();
    accept(&store(&cluster, PATIENCE).await, &nodes).await;
    // The records were spread.
    for node in &cluster.nodes {
        assert_ne!(node.command(&["DBSIZE"]).await, ":0\r\n");
    }
}

/// It would accept a third of the deliveries.
#[tokio::test]
async fn a_node_by_itself_says_so() {
    let cluster = Cluster::start().await;
    let url = cluster.nodes[0].url();
    let node = builder().connect_lazy(client(&url));
    let mut refused = 0;
    for number in 0..50 {
        match claim(&node, number).await {
            Ok(answer) => assert_eq!(answer, acquired(1)),
            Err(error) => {
                let error = error.to_string();
                let words = "redis: the server is a node of a cluster (Moved: ";
                assert!(error.starts_with(words), "{error}");
                refused += 1;
            }
        }
    }
    assert!((1..50).contains(&refused), "{refused}");
}

/// A node that is gone takes its own deliveries with it, and no others.
#[tokio::test]
async fn a_frozen_node_is_an_error_in_time() {
    let cluster = Cluster::start().await;
    for node in &cluster.nodes {
        let option = ["CONFIG", "SET", "cluster-require-full-coverage", "no"];
        node.command(&option).await;
    }
    let store = store(&cluster, Duration::from_millis(500)).await;
    claim_in_the_end(&store, 0, owner(1)).await;
    cluster.nodes[1].freeze();
    let (mut answered, mut refused) = (false, false);
    let both = async {
        let mut number = 1;
        while !(answered && refused) {
            match claim(&store, number).await {
                Ok(_) => answered = true,
                Err(_) => refused = true,
            }
            number += 1;
        }
    };
    tokio::time::timeout(PATIENCE, both).await.unwrap();
}
