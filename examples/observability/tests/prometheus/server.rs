use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use nano_webhook_test_kit::{Connection, Process, Response, command};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use crate::HANG;

/// Scrapes and evaluates each second; the rules are those of the file, without their
/// waiting times. A port that another process has taken is tried again.
pub(crate) async fn prometheus(folder: &Path, receiver: SocketAddr) -> (Process, SocketAddr) {
    let rules = include_str!("../../alerts.yml");
    let rules: String = (rules.lines())
        .map(|line| match line.trim_start().starts_with("for: ") {
            true => "        for: 0s\n".to_owned(),
            false => format!("{line}\n"),
        })
        .collect();
    let rules_file = folder.join("alerts.yml");
    std::fs::write(&rules_file, rules).unwrap();
    let config = format!(
        "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}
rule_files: ['{}']
scrape_configs:
  - job_name: nano-webhook
    static_configs: [{{ targets: ['{receiver}'] }}]
",
        rules_file.display()
    );
    let config_file = folder.join("prometheus.yml");
    std::fs::write(&config_file, config).unwrap();
    for _ in 0..10 {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = free.local_addr().unwrap();
        drop(free);
        let mut start = command("prometheus");
        start
            .arg(format!("--config.file={}", config_file.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.join("data").display()
            ))
            .arg(format!("--web.listen-address={addr}"));
        let started = Process::start(start);
        let mut prometheus = started.expect("scripts/setup all installs prometheus");
        let ready = async {
            loop {
                if !prometheus.is_alive() {
                    break false;
                }
                if tokio::net::TcpStream::connect(addr).await.is_ok()
                    && get(addr, "/-/ready").await.status == 200
                {
                    break true;
                }
                sleep(Duration::from_millis(50)).await;
            }
        };
        if timeout(HANG, ready)
            .await
            .expect("prometheus does not start")
        {
            return (prometheus, addr);
        }
    }
    panic!("prometheus does not start")
}

pub(crate) async fn query(prometheus: SocketAddr, text: &str) -> Vec<Value> {
    let encoded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let answer = get(prometheus, &format!("/api/v1/query?query={encoded}")).await;
    assert_eq!(answer.status, 200, "{text}: {}", answer.text());
    answer.json()["data"]["result"].as_array().unwrap().clone()
}

pub(crate) async fn get(addr: SocketAddr, path: &str) -> Response {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {addr}\r\n\r\n");
    let mut connection = Connection::open(addr).await;
    connection.exchange(request.as_bytes()).await.unwrap()
}
