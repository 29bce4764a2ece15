//! Everything that the client and the libraries below it log, down to the
//! finest level.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

mod scripted;

use std::io;
use std::sync::{Arc, Mutex};

use nano_webhook_client::{Auth, Client, EventType, NewWebhook, Secret};
use scripted::{Provider, answer, data};

const KEY: &str = "api-key-of-these-tests";
const SECRET: &str = "whsec-a-secret-of-these-tests";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn neither_the_key_nor_the_secret_is_logged() {
    let log = Log::default();
    let writer = log.clone();
    // Takes in what is logged through the `log` crate as well.
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .init();

    let echo = format!(r#"{{"success":false,"message":"{KEY} {SECRET}"}}"#);
    let webhook = r#"{"id":1,"url":"x","events":[],"status":"active"}"#;
    let provider = Provider::start([
        answer(429, "retry-after: 0\r\n", echo),
        data(webhook),
        data("[]"),
    ])
    .await;
    let client = Client::new(provider.base_url(), Auth::bearer(Secret::new(KEY).unwrap())).unwrap();
    let new = NewWebhook::new("x", EventType::DOCUMENTED, Secret::new(SECRET).unwrap());
    client.create(&new).await.unwrap();
    client.list().await.unwrap();

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for source in ["nano_webhook_client", "hyper_util"] {
        assert!(log.contains(source), "it logs: {log}");
    }
    assert!(log.contains("the call will be repeated"), "{log}");
    assert!(!log.contains(KEY) && !log.contains(SECRET), "{log}");
}
