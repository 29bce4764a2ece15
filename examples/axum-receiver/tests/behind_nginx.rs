//! Behind a real nginx: the answer to a body that is rejected unread arrives, and a
//! delivery passes with its bytes and headers untouched.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nano_webhook_axum::{Secret, Signer, UnixTime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

const SECRET: &str = "a secret for the receiver behind nginx";

/// A program that is killed when the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
#[ignore = "long: needs nginx"]
async fn rejections_and_deliveries_pass_through_nginx() {
    let (_receiver, _output, addr) = receiver();
    let folder = std::env::temp_dir().join(format!("nano-webhook-nginx-{}", std::process::id()));
    let (_nginx, socket) = nginx(&folder, &addr).await;

    let large = format!(
        r#"{{"event":"job.failed","task_id":"{}"}}"#,
        "x".repeat(300_000)
    );
    let awkward = "{\"event\":\"job.failed\", \"task_id\":\"\u{e9}\u{1f34c}\\u0041\",\n \"error\":\"a\\/b\"}\n";
    for number in 0..100 {
        assert_eq!(deliver(&socket, &large).await, 413, "delivery {number}");
    }
    assert_eq!(deliver(&socket, awkward).await, 200);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Its output stays open: a delivery that cannot be printed is answered 500.
fn receiver() -> (Running, impl Sized, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_axum-receiver"))
        .env("NANO_WEBHOOK_SECRET", SECRET)
        .env("NANO_WEBHOOK_ADDR", "127.0.0.1:0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    let addr = line
        .trim()
        .strip_prefix("listening on http://")
        .and_then(|rest| rest.strip_suffix("/webhook"))
        .expect("the receiver says where it listens");
    (Running(child), output, addr.to_owned())
}

/// The settings of the guide: the body is passed on as it is. On a socket file, which
/// no other process can take.
async fn nginx(folder: &Path, receiver: &str) -> (Running, PathBuf) {
    std::fs::create_dir_all(folder).unwrap();
    let socket = folder.join("nginx.sock");
    let folder_name = folder.display();
    let config = format!(
        "daemon off; pid {folder_name}/pid; error_log {folder_name}/error.log;
         events {{}}
         http {{
             access_log off;
             client_body_temp_path {folder_name}/body;
             proxy_temp_path {folder_name}/proxy;
             fastcgi_temp_path {folder_name}/fastcgi;
             uwsgi_temp_path {folder_name}/uwsgi;
             scgi_temp_path {folder_name}/scgi;
             client_max_body_size 1m;
             server {{
                 listen unix:{};
                 location = /webhook {{
                     proxy_pass http://{receiver};
                     proxy_http_version 1.1;
                     proxy_set_header Connection '';
                 }}
             }}
         }}",
        socket.display()
    );
    let path = folder.join("nginx.conf");
    std::fs::write(&path, config).unwrap();
    let child = Command::new("nginx")
        .arg("-c")
        .arg(&path)
        .stderr(Stdio::null())
        .spawn()
        .expect("nginx is missing; scripts/setup all installs it");
    let running = Running(child);
    let connected = async {
        while UnixStream::connect(&socket).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    (tokio::time::timeout(Duration::from_secs(60), connected).await).expect("nginx does not start");
    (running, socket)
}

/// The status of a signed delivery.
async fn deliver(socket: &Path, body: &str) -> u16 {
    let signed = Signer::new(Secret::new(SECRET).unwrap()).sign(UnixTime::now(), body.as_bytes());
    let head = format!(
        "POST /webhook HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         x-nano-timestamp: {}\r\nx-nano-signature: {}\r\ncontent-length: {}\r\n\r\n",
        signed.timestamp(),
        signed.signature(),
        body.len()
    );
    let mut stream = UnixStream::connect(socket).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.split(' ').nth(1).and_then(|text| text.parse().ok());
    status.unwrap_or_else(|| panic!("got {answer:?}"))
}
