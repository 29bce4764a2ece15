//! A cluster of three, on a connection of the redis crate.

use nano_webhook_redis::redis;

use crate::contract::accept;
use crate::support::{Cluster, PATIENCE, acquired, builder, claim, client};

#[tokio::test]
async fn it_keeps_the_contract() {
    let cluster = Cluster::start().await;
    let url = cluster.nodes[0].url();
    let cluster_client = redis::cluster::ClusterClientBuilder::new([url])
        .connection_timeout(PATIENCE)
        .response_timeout(PATIENCE)
        .build()
        .unwrap();
    let connection = cluster_client.get_async_connection().await.unwrap();
    let nodes: Vec<_> = cluster.nodes.iter().collect();
    accept(&builder().build(connection), &nodes).await;
    // The records were spread.
    for node in &cluster.nodes {
        let commands = node.command(&["INFO", "commandstats"]).await;
        assert!(commands.contains("cmdstat_set:"), "{commands}");
    }
}

/// It would accept a third of the deliveries.
#[tokio::test]
async fn a_node_by_itself_says_so() {
    let cluster = Cluster::start().await;
    let url = cluster.nodes[0].url();
    let node = builder().connect_lazy(client(&url));
    let mut refused = 0;
    for number in 1..=50 {
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
