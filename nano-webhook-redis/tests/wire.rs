//! What goes over the wire, and what it costs the server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod common;

use common::support::RedisServer;
use common::{FIRST, TERMS, builder, id, owner};
use nano_webhook_core::dedupe::{Claim, DedupeStore as _, DeliveryId, LeaseToken, Ownership};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// Every command that reaches the server, but for those that scripts make.
struct Monitor {
    lines: tokio::io::Lines<BufReader<TcpStream>>,
}

impl Monitor {
    async fn start(server: &RedisServer) -> Self {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(b"MONITOR\r\n").await.unwrap();
        let mut lines = BufReader::new(stream).lines();
        assert_eq!(lines.next_line().await.unwrap().unwrap(), "+OK");
        Self { lines }
    }

    /// What came since the last time.
    async fn commands(&mut self, server: &RedisServer) -> Vec<String> {
        server.command(&["ECHO", "that is all"]).await;
        let mut commands = Vec::new();
        loop {
            let line = self.lines.next_line().await.unwrap().unwrap();
            let (client, command) = line.split_once("] ").unwrap();
            if command.contains("that is all") {
                return commands;
            }
            // How `RedisServer::command` ends its connection.
            if !client.ends_with(" lua") && command != "\"QUIT\"" {
                let name = command.split('"').nth(1).unwrap();
                commands.push(name.to_owned());
            }
        }
    }
}

#[tokio::test]
async fn a_delivery_takes_two_round_trips() {
    let server = RedisServer::start().await;
    let store = builder().connect(&server.url()).await.unwrap();
    let mut monitor = Monitor::start(&server).await;
    let deliver = async |number| {
        assert_eq!(
            store.claim(id(number), owner(1), TERMS).await.unwrap(),
            FIRST
        );
        let held = store.complete(id(number), owner(1), TERMS).await.unwrap();
        assert_eq!(held, Ownership::Held);
    };

    // A server that does not know a script is taught it; this one has learnt to
    // claim when the store connected.
    deliver(1).await;
    let first = monitor.commands(&server).await;
    assert_eq!(first, ["EVALSHA", "EVALSHA", "EVAL"]);

    for number in 2..12 {
        deliver(number).await;
    }
    let steady = monitor.commands(&server).await;
    assert_eq!(steady, ["EVALSHA"; 20]);

    // And again, if it has forgotten.
    server.command(&["SCRIPT", "FLUSH"]).await;
    monitor.commands(&server).await;
    deliver(12).await;
    let taught = monitor.commands(&server).await;
    assert_eq!(taught, ["EVALSHA", "EVAL", "EVALSHA", "EVAL"]);
}

/// What the documentation says a delivery takes in the server's memory, in bytes.
const COMPLETED: u64 = 260;
const LEASED: u64 = 280;

#[tokio::test]
async fn a_delivery_takes_little_memory() {
    const DELIVERIES: u32 = 10_000;
    let server = RedisServer::start().await;
    let store = builder().connect(&server.url()).await.unwrap();
    let mut costs = Vec::new();
    for complete in [false, true] {
        server.command(&["FLUSHALL"]).await;
        let before = used_memory(&server).await;
        for batch in 0..DELIVERIES / 100 {
            let deliveries = (0..100).map(|number| {
                let store = store.clone();
                let id = numbered(batch * 100 + number);
                async move {
                    let token = LeaseToken::random().unwrap();
                    let claim = store.claim(id, token, TERMS).await.unwrap();
                    assert_eq!(claim, Claim::Acquired { attempt: 1 });
                    if complete {
                        let held = store.complete(id, token, TERMS).await.unwrap();
                        assert_eq!(held, Ownership::Held);
                    }
                }
            });
            futures_util::future::join_all(deliveries).await;
        }
        let used = used_memory(&server).await - before;
        costs.push(used / u64::from(DELIVERIES));
        let key = store.key(numbered(7));
        let usage = server.command(&["MEMORY", "USAGE", &key]).await;
        println!("MEMORY USAGE of one: {}", usage.trim());
    }
    println!(
        "bytes a delivery, of used_memory: leased {}, completed {}",
        costs[0], costs[1]
    );
    assert!(costs[0] <= LEASED, "leased: {}", costs[0]);
    assert!(costs[1] <= COMPLETED, "completed: {}", costs[1]);
}

async fn used_memory(server: &RedisServer) -> u64 {
    let info = server.command(&["INFO", "memory"]).await;
    info.lines()
        .find_map(|line| line.strip_prefix("used_memory:"))
        .unwrap()
        .parse()
        .unwrap()
}

fn numbered(number: u32) -> DeliveryId {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    DeliveryId::from_bytes(bytes)
}
