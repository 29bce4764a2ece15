//! The store on Redis: URLs with a password, and servers that are not there or
//! say too much.

use std::time::Duration;

use nano_webhook_core::dedupe::{DedupeStore as _, DeliveryId, LeaseToken, Namespace, Terms};
use nano_webhook_redis::RedisStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::PASSWORD;
use crate::evidence::Evidence;

pub(crate) async fn run(evidence: &mut Evidence) {
    let namespace = || Namespace::new("acme/tests").unwrap();
    let chatty = chatty_server().await;
    for url in [
        format!("redis://user:{PASSWORD}@127.0.0.1:1/0"),
        format!("redis://:{PASSWORD}@127.0.0.1:{chatty}/0"),
        format!("redis://{PASSWORD}@127.0.0.1:not-a-port"),
        format!("http://user:{PASSWORD}@127.0.0.1"),
        format!("redis://127.0.0.1/{PASSWORD}"),
    ] {
        let builder = RedisStore::builder(namespace()).connect_timeout(Duration::from_secs(2));
        evidence.debug("the store's builder", &builder);
        match builder.clone().connect(&url).await {
            Ok(store) => evidence.debug("the store on Redis", &store),
            Err(error) => evidence.error("the store's error", &error),
        }
        let Ok(store) = builder.connect_lazy(&url) else {
            continue;
        };
        evidence.debug("the lazy store", &store);
        let terms = Terms {
            lease: Duration::from_secs(1),
            retention: Duration::from_secs(1),
        };
        let id = DeliveryId::from_bytes([7; 32]);
        let claim = store.claim(id, LeaseToken::random().unwrap(), terms).await;
        evidence.error("a claim's error", &claim.unwrap_err());
    }
}

/// Refuses everything, and quotes what it was told.
async fn chatty_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut buffer = [0; 1024];
                while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {
                    let refusal = format!("-WRONGPASS wrong password {PASSWORD}\r\n").repeat(8);
                    if stream.write_all(refusal.as_bytes()).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    port
}
