//! A process has one provider of cryptography, and it is the program's to choose.
//!
//! In a file of its own, because what is installed stays.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use nano_webhook_core::dedupe::Namespace;
use nano_webhook_redis::{RedisStore, RedisStoreBuilder};
use rustls::crypto::CryptoProvider;

fn builder() -> RedisStoreBuilder {
    RedisStore::builder(Namespace::new("tests").unwrap())
}

#[tokio::test]
async fn a_provider_is_installed_only_for_tls() {
    for url in ["redis://localhost", "redis+unix:///tmp/redis.sock"] {
        builder().connect_lazy(url).unwrap();
    }
    #[cfg(feature = "cluster")]
    builder()
        .connect_cluster_lazy(["redis://localhost:7000", "redis://localhost:7001"])
        .unwrap();
    assert!(CryptoProvider::get_default().is_none());

    // A cluster's too, where that is there.
    #[cfg(feature = "cluster")]
    builder()
        .connect_cluster_lazy(["rediss://localhost:7000"])
        .unwrap();
    #[cfg(not(feature = "cluster"))]
    builder().connect_lazy("rediss://localhost").unwrap();
    assert!(CryptoProvider::get_default().is_some());
}
