use std::process::Command;

use super::RedisServer;

/// Three servers that form a cluster.
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<RedisServer>,
}

impl Cluster {
    pub(crate) async fn start() -> Self {
        let mut nodes = Vec::new();
        for _ in 0..3 {
            let options = "--cluster-enabled yes --cluster-port SPARE_PORT";
            nodes.push(RedisServer::start_with(options).await);
        }
        let created = Command::new("redis-cli")
            .args(["--cluster", "create"])
            .args(nodes.iter().map(|node| node.address().to_string()))
            .arg("--cluster-yes")
            .output()
            .expect("redis-cli comes with redis-server: apt-get install redis-tools");
        let output = String::from_utf8_lossy(&created.stdout);
        assert!(created.status.success(), "{output}");
        for node in &nodes {
            node.eventually(&["CLUSTER", "INFO"], "cluster_state:ok")
                .await;
        }
        Self { nodes }
    }
}
