//! What is sent, and what may come back.

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use nano_webhook_core::dedupe::DedupeStore as _;

use crate::support::{
    Fault, Proxy, RedisServer, TERMS, builder, claim, client, handle, id, owner, url,
};

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
    for number in 1..11 {
        handle(&store, number).await;
    }
    assert_eq!(monitor.commands(&server).await, ["EVALSHA"; 20]);

    // Again, if the server has forgotten it.
    server.command(&["SCRIPT", "FLUSH"]).await;
    monitor.commands(&server).await;
    handle(&store, 11).await;
    let taught = monitor.commands(&server).await;
    assert_eq!(taught, ["EVALSHA", "EVAL", "EVALSHA"]);
}

#[tokio::test]
async fn replies_of_another_shape_are_errors() {
    let server = RedisServer::start().await;
    let proxy = Proxy::start(server.address()).await;
    let store = builder().connect(client(&url(&proxy))).await.unwrap();
    type Rewrite = fn(&[u8]) -> Vec<u8>;
    let replies: [Rewrite; 8] = [
        |_| b"$-1\r\n".to_vec(),
        |_| b":2\r\n".to_vec(),
        |_| b":-1\r\n".to_vec(),
        |_| b"*2\r\n:0\r\n:1\r\n".to_vec(),
        |_| b"*3\r\n:4\r\n:1\r\n$0\r\n\r\n".to_vec(),
        |_| b"*3\r\n:0\r\n:-1\r\n$0\r\n\r\n".to_vec(),
        |_| b"*3\r\n:3\r\n:0\r\n$2\r\nab\r\n".to_vec(),
        |_| format!("*3\r\n:3\r\n:0\r\n$32\r\n{}\r\n", "x".repeat(32)).into_bytes(),
    ];
    for (number, reply) in replies.into_iter().enumerate() {
        proxy.state().fault = Fault::Rewrite(reply);
        let error = claim(&store, 1).await.unwrap_err().to_string();
        assert!(error.contains("unexpected reply"), "{number}: {error}");
        let held = store.complete(id(1), owner(1), TERMS).await;
        assert!(held.is_err(), "{number}");
    }
}
