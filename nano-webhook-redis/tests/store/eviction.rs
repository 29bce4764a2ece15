use std::fs::File;
use std::sync::Arc;

use crate::support::{RedisServer, builder, client, handle};

#[tokio::test]
async fn a_server_that_may_evict_claims_is_warned_about() {
    for (memory, policy, expected) in [
        ("100mb", "allkeys-lru", 1),
        ("100mb", "volatile-ttl", 1),
        ("100mb", "noeviction", 0),
        ("0", "allkeys-lru", 0),
    ] {
        let options = format!("--maxmemory {memory} --maxmemory-policy {policy}");
        let server = RedisServer::start_with(&options).await;
        let log = tempfile::NamedTempFile::new().unwrap();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::WARN)
            .with_writer(Arc::new(File::create(log.path()).unwrap()))
            .finish();
        // The connection is made on this thread, the only one of this runtime.
        let guard = tracing::subscriber::set_default(subscriber);
        let store = builder().connect(client(&server.url())).await.unwrap();
        handle(&store, 1).await;
        drop(guard);
        let warnings = std::fs::read_to_string(log.path()).unwrap();
        let warned = warnings.matches("redis may evict claims").count();
        assert_eq!(warned, expected, "{memory} {policy}: {warnings}");
    }
}
