use nano_webhook_test_kit::LogCapture;

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
        // The connection is made on this thread, the only one of this runtime.
        let (log, _guard) = LogCapture::of_this_thread();
        let store = builder().connect(client(&server.url())).await.unwrap();
        handle(&store, 1).await;
        let warned = log.text().matches("redis may evict claims").count();
        assert_eq!(warned, expected, "{memory} {policy}: {}", log.text());
    }
}
