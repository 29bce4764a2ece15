//! What remembering deliveries costs in Redis, over the loopback interface. Starts
//! a server of its own.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use nano_webhook_core::dedupe::{
    Claim, DedupeStore, DeliveryId, LeaseToken, Namespace, Ownership, Terms,
};
use nano_webhook_redis::RedisStore;

const TERMS: Terms = Terms {
    lease: Duration::from_secs(30),
    retention: Duration::from_secs(72 * 3600),
};
const PORT: &str = "26399";
const DELIVERIES: u64 = 20_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _server = Server::start()?;
    let url = format!("redis://127.0.0.1:{PORT}");
    let namespace = Namespace::new("bench/growth")?;
    let store = Arc::new(connect(&url, &namespace).await?);
    let mut watch = redis::Client::open(url.as_str())?
        .get_multiplexed_async_connection()
        .await?;

    println!(
        "{:>12} {:>14} {:>16} {:>14} {:>12}",
        "at a time", "deliveries/s", "ms a delivery", "scripts each", "bytes each"
    );
    let next = Arc::new(AtomicU64::new(0));
    for at_a_time in [1_u64, 8, 64, 512] {
        let before = Seen::now(&mut watch).await?;
        let start = Instant::now();
        let workers: Vec<_> = (0..at_a_time)
            .map(|_| {
                let (store, next) = (Arc::clone(&store), Arc::clone(&next));
                tokio::spawn(async move {
                    for _ in 0..DELIVERIES / at_a_time {
                        let id = id(next.fetch_add(1, Ordering::Relaxed));
                        handle(&*store, id).await;
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.await?;
        }
        let took = start.elapsed().as_secs_f64();
        let after = Seen::now(&mut watch).await?;
        let handled = (DELIVERIES / at_a_time * at_a_time) as f64;
        println!(
            "{at_a_time:>12} {:>14.0} {:>16.3} {:>14.2} {:>12.0}",
            handled / took,
            1000.0 * took * at_a_time as f64 / handled,
            (after.scripts - before.scripts) / handled,
            (after.memory - before.memory) / handled,
        );
    }
    Ok(())
}

async fn connect(
    url: &str,
    namespace: &Namespace,
) -> Result<RedisStore, Box<dyn std::error::Error>> {
    for _ in 0..50 {
        if let Ok(store) = RedisStore::connect(url, namespace.clone()).await {
            return Ok(store);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(RedisStore::connect(url, namespace.clone()).await?)
}

async fn handle(store: &RedisStore, id: DeliveryId) {
    let owner = LeaseToken::random().expect("the system has random numbers");
    let claim = store.claim(id, owner, TERMS).await;
    assert!(
        matches!(claim, Ok(Claim::Acquired { attempt: 1 })),
        "{claim:?}"
    );
    let complete = store.complete(id, owner, TERMS).await;
    assert!(matches!(complete, Ok(Ownership::Held)), "{complete:?}");
}

/// What the server says of itself.
struct Seen {
    scripts: f64,
    memory: f64,
}

impl Seen {
    async fn now(
        connection: &mut redis::aio::MultiplexedConnection,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let info: String = redis::cmd("INFO")
            .arg("all")
            .query_async(connection)
            .await?;
        let field = |name: &str| -> Option<f64> {
            let line = info.lines().find(|line| line.starts_with(name))?;
            let value = line.rsplit(name).next()?;
            value.split(',').next()?.trim().parse().ok()
        };
        Ok(Self {
            scripts: field("cmdstat_evalsha:calls=").unwrap_or_default(),
            memory: field("used_memory:").unwrap_or_default(),
        })
    }
}

struct Server(Child);

impl Server {
    fn start() -> std::io::Result<Self> {
        Command::new("redis-server")
            .args(["--port", PORT, "--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .spawn()
            .map(Self)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn id(number: u64) -> DeliveryId {
    let mut bytes = [0; 32];
    for (index, chunk) in bytes.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        let seed = (number << 3) + index as u64 + 1;
        let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        *chunk = (mixed ^ (mixed >> 29)).to_le_bytes();
    }
    DeliveryId::from_bytes(bytes)
}
