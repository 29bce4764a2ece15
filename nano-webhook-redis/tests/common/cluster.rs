//! Three servers that are one.

use std::process::Command;
use std::time::{Duration, Instant};

use super::PATIENCE;
use super::support::RedisServer;

pub struct Cluster {
    pub nodes: Vec<RedisServer>,
}

impl Cluster {
    pub async fn start() -> Self {
        let mut nodes = Vec::new();
        for _ in 0..3 {
            let options = |bus: u16| {
                [
                    "--cluster-enabled",
                    "yes",
                    "--cluster-port",
                    &bus.to_string(),
                ]
                .map(str::to_owned)
                .to_vec()
            };
            nodes.push(RedisServer::start_on_two_ports(options).await);
        }
        let created = Command::new("redis-cli")
            .args(["--cluster", "create"])
            .args(nodes.iter().map(|node| node.address().to_string()))
            .arg("--cluster-yes")
            .output()
            .expect("redis-cli comes with redis-server: apt-get install redis-tools");
        assert!(
            created.status.success(),
            "{}{}",
            String::from_utf8_lossy(&created.stdout),
            String::from_utf8_lossy(&created.stderr)
        );
        let begun = Instant::now();
        for node in &nodes {
            while !node
                .command(&["CLUSTER", "INFO"])
                .await
                .contains("cluster_state:ok")
            {
                assert!(begun.elapsed() < PATIENCE, "the cluster does not form");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Self { nodes }
    }

    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(RedisServer::url).collect()
    }
}
