//! Passwords are not printed.

use std::error::Error;
use std::fmt::Debug;

use nano_webhook_redis::{RedisStore, redis};

use crate::support::{RedisServer, builder, claim, client, handle};

const PASSWORD: &str = "hunter2-and-more";

fn assert_clean(printed: &[&dyn Debug], error: &dyn Error) {
    let texts = printed.iter().map(|value| format!("{value:?}"));
    for text in texts.chain([error.to_string(), format!("{error:?}")]) {
        assert!(!text.contains("hunter2"), "{text}");
    }
    assert!(error.source().is_none());
}

/// A server that does not know a command quotes its arguments.
#[tokio::test]
async fn a_quoted_password_is_not_printed() {
    let renamed = "--rename-command AUTH A --rename-command HELLO H";
    let server = RedisServer::start_with(renamed).await;
    for command in ["AUTH", "HELLO"] {
        let quoted = server.command(&[command, PASSWORD]).await;
        assert!(quoted.contains(PASSWORD), "not such a server: {quoted}");
    }

    for login in [format!(":{PASSWORD}"), format!("user:{PASSWORD}")] {
        for protocol in ["", "?protocol=resp3"] {
            let client = client(&format!("{}/{protocol}", server.url_with(&login)));
            let error = builder().connect(client.clone()).await.unwrap_err();
            assert_clean(&[], &error);
            let store = builder().connect_lazy(client.clone());
            assert_clean(&[&store], &claim(&store, 1).await.unwrap_err());

            // On a given connection, the store does not know the password.
            let config = redis::aio::ConnectionManagerConfig::new().set_number_of_retries(0);
            let manager = redis::aio::ConnectionManager::new_lazy_with_config(client, config);
            let store = RedisStore::new(manager.unwrap());
            assert_clean(&[&store], &claim(&store, 1).await.unwrap_err());
        }
    }
}

#[tokio::test]
async fn a_wrong_password_is_not_printed() {
    let server = RedisServer::start_with("--requirepass another").await;
    for protocol in ["", "?protocol=resp3"] {
        let url = format!("{}/{protocol}", server.url_with(&format!(":{PASSWORD}")));
        assert_clean(&[], &builder().connect(client(&url)).await.unwrap_err());
    }
    // The right one works.
    let store = builder()
        .connect(client(&server.url_with(":another")))
        .await;
    handle(&store.unwrap(), 1).await;
}

/// A known password is removed wherever an error repeats it: here, "replica".
#[tokio::test]
async fn a_repeated_password_is_not_printed() {
    let server = RedisServer::start_with("--requirepass replica --replicaof 127.0.0.1 1").await;
    let error = builder()
        .connect(client(&server.url_with(":replica")))
        .await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("a read only [redacted]"), "{error}");
}
