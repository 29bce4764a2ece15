//! No password in what is printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::support::RedisServer;
use common::{TERMS, builder, id, owner};
use nano_webhook_core::dedupe::DedupeStore as _;
use nano_webhook_redis::redis;

const PASSWORD: &str = "hunter2-and-more";

fn clean(texts: &[String]) {
    for text in texts {
        assert!(!text.contains("hunter2"), "{text}");
    }
}

/// A server that does not know a command quotes what it was told with it.
#[tokio::test]
async fn a_server_that_quotes_the_password_is_not_quoted() {
    let renamed = [
        "--rename-command",
        "AUTH",
        "A",
        "--rename-command",
        "HELLO",
        "H",
    ];
    let server = RedisServer::start_with(&renamed).await;
    for command in ["AUTH", "HELLO"] {
        let quoted = server.command(&[command, PASSWORD]).await;
        assert!(quoted.contains(PASSWORD), "not such a server: {quoted}");
    }

    for (login, protocol) in [
        (format!(":{PASSWORD}"), ""),
        (format!("someone:{PASSWORD}"), ""),
        (format!(":{PASSWORD}"), "?protocol=resp3"),
        (format!("someone:{PASSWORD}"), "?protocol=resp3"),
    ] {
        let url = format!("{}{protocol}", server.url());
        let url = url.replace("//", &format!("//{login}@"));
        let error = builder().connect(&url).await.unwrap_err();
        clean(&[error.to_string(), format!("{error:?}")]);
        let store = builder().connect_lazy(&url).unwrap();
        let error = store.claim(id(1), owner(1), TERMS).await.unwrap_err();
        clean(&[
            error.to_string(),
            format!("{error:?}"),
            format!("{store:?}"),
        ]);
        assert!(std::error::Error::source(&error).is_none());
    }
}

#[tokio::test]
async fn a_wrong_password_is_not_printed() {
    let server = RedisServer::start_with(&["--requirepass", "another"]).await;
    for protocol in ["", "?protocol=resp3"] {
        let url = format!("{}{protocol}", server.url());
        let url = url.replace("//", &format!("//:{PASSWORD}@"));
        let error = builder().connect(&url).await.unwrap_err();
        clean(&[error.to_string(), format!("{error:?}")]);
    }
    // And the right one works.
    let url = server.url().replace("//", "//:another@");
    let store = builder().connect(&url).await.unwrap();
    store.claim(id(1), owner(1), TERMS).await.unwrap();
}

#[tokio::test]
async fn a_url_that_cannot_be_used_is_not_printed() {
    for url in [
        format!("redis://:{PASSWORD}@"),
        format!("redis://:{PASSWORD}@host:port"),
        format!("redis://:{PASSWORD}@host/x{PASSWORD}"),
        format!("redis://:{PASSWORD}@host/?protocol={PASSWORD}"),
        "redis://:hunter2#more@host".to_owned(),
        format!("redis://:%ff{PASSWORD}@host"),
        format!("http://:{PASSWORD}@host"),
        format!("rediss://:{PASSWORD}@host/x"),
        format!("redis+unix:///socket?db=x&pass={PASSWORD}"),
        PASSWORD.to_owned(),
        String::new(),
    ] {
        let error = builder().connect_lazy(&url).unwrap_err();
        clean(&[error.to_string(), format!("{error:?}")]);
        let prefix = "the Redis URL cannot be used: ";
        assert!(error.to_string().starts_with(prefix), "{url}: {error}");
    }
}

/// Where the password is not known, the quotation is left out.
#[tokio::test]
async fn a_callers_connection_that_quotes_is_not_quoted() {
    let server = RedisServer::start().await;
    let url = server.url().replace("//", &format!("//:{PASSWORD}@"));
    let client = redis::Client::open(url).unwrap();
    let config = redis::aio::ConnectionManagerConfig::new().set_number_of_retries(0);
    let manager = redis::aio::ConnectionManager::new_lazy_with_config(client, config).unwrap();
    let store = builder().from_connection(manager).unwrap();
    let error = store.claim(id(1), owner(1), TERMS).await.unwrap_err();
    clean(&[error.to_string(), format!("{error:?}")]);
}
