//! What is sent.

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::support::{RedisServer, builder, client, handle};

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
