//! What is sent, and what it costs the server.

use nano_webhook_core::dedupe::{DedupeStore as _, DeliveryId, OwnerToken};
use nano_webhook_redis::RedisStore;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::support::{BODY, RedisServer, TERMS, builder, client, handle};

/// Sees every command that reaches the server.
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

    /// The commands since the last time, except those that scripts send.
    async fn commands(&mut self, server: &RedisServer) -> Vec<String> {
        server.command(&["ECHO", "that is all"]).await;
        let mut commands = Vec::new();
        loop {
            let line = self.lines.next_line().await.unwrap().unwrap();
            let (client, command) = line.split_once("] ").unwrap();
            if command.contains("that is all") {
                return commands;
            }
            // `RedisServer::command` sends QUIT.
            if !client.ends_with(" lua") && command != "\"QUIT\"" {
                commands.push(command.split('"').nth(1).unwrap().to_owned());
            }
        }
    }
}

#[tokio::test]
async fn a_delivery_takes_two_round_trips() {
    let server = RedisServer::start().await;
    // It teaches the script to the server.
    let store = builder().connect(client(&server.url())).await.unwrap();
    let mut monitor = Monitor::start(&server).await;
    for number in 0..10 {
        handle(&store, number).await;
    }
    assert_eq!(monitor.commands(&server).await, ["EVALSHA"; 20]);

    // Again, if the server has forgotten it.
    server.command(&["SCRIPT", "FLUSH"]).await;
    monitor.commands(&server).await;
    handle(&store, 10).await;
    let taught = monitor.commands(&server).await;
    assert_eq!(taught, ["EVALSHA", "EVAL", "EVALSHA"]);
}

/// What the README says, in bytes, and a little more.
const LEASED: u64 = 330;
const COMPLETED: u64 = 300;

#[tokio::test]
async fn a_delivery_takes_little_memory() {
    let server = RedisServer::start().await;
    let store = builder().connect(client(&server.url())).await.unwrap();
    for (complete, bound) in [(false, LEASED), (true, COMPLETED)] {
        server.command(&["FLUSHALL"]).await;
        let before = used_memory(&server).await;
        let mut deliveries = JoinSet::new();
        for number in 0..10_000 {
            deliveries.spawn(deliver(store.clone(), number, complete));
        }
        deliveries.join_all().await;
        let each = (used_memory(&server).await - before) / 10_000;
        assert!((bound - 30..=bound).contains(&each), "{complete}: {each}");
    }
}

async fn deliver(store: RedisStore, number: u32, complete: bool) {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    let (id, owner) = (DeliveryId::from_bytes(bytes), OwnerToken::random().unwrap());
    store.claim(id, BODY, owner, TERMS).await.unwrap();
    if complete {
        let _ = store.complete(id, owner, TERMS).await.unwrap();
    }
}

async fn used_memory(server: &RedisServer) -> u64 {
    let info = server.command(&["INFO", "memory"]).await;
    info.lines()
        .find_map(|line| line.strip_prefix("used_memory:"))
        .unwrap()
        .parse()
        .unwrap()
}
