use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::process::{Process, on_a_port};
use super::wait::{PATIENCE, poll};

/// A `redis-server` on a free port; it ends with this value.
#[derive(Debug)]
pub struct RedisServer {
    process: Process,
    port: u16,
    folder: TempDir,
    options: String,
}

impl RedisServer {
    /// What has on disk what it has answered.
    pub const DURABLE: &str = "--appendonly yes --appendfsync always";

    pub async fn start() -> Self {
        Self::start_with("--appendonly no").await
    }

    /// Starts one with these options. `SPARE_PORT` stands for a second free port.
    pub async fn start_with(options: &str) -> Self {
        let (options, folder) = (options.to_owned(), tempfile::tempdir().unwrap());
        let start = async |port| spawn(port, &folder, &options).await;
        let (port, process) = on_a_port(start).await;
        Self {
            process,
            port,
            folder,
            options,
        }
    }

    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// The URL with a login, such as `user:password`.
    pub fn url_with(&self, login: &str) -> String {
        format!("redis://{login}@{}", self.address())
    }

    pub fn spare_port(&self) -> u16 {
        self.port + 1
    }

    /// Sends it a command, and returns the answer as it was written.
    pub async fn command(&self, words: &[&str]) -> String {
        let mut stream = TcpStream::connect(self.address()).await.unwrap();
        let mut request = format!("*{}\r\n", words.len());
        for word in words {
            request.push_str(&format!("${}\r\n{word}\r\n", word.len()));
        }
        // The server closes the connection after it, which ends the answer.
        request.push_str("*1\r\n$4\r\nQUIT\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let read = timeout(PATIENCE, stream.read_to_string(&mut answer)).await;
        read.unwrap().unwrap();
        answer.strip_suffix("+OK\r\n").unwrap_or(&answer).to_owned()
    }

    /// Sends it a command until the answer contains the text.
    pub async fn eventually(&self, command: &[&str], expected: &str) {
        let answer = async || self.command(command).await;
        poll(answer, |answer| answer.contains(expected)).await;
    }

    pub async fn kill(&mut self) {
        self.process.kill().await;
    }

    /// Starts it on the same port, with what is on disk.
    pub async fn restart(&mut self) {
        self.kill().await;
        let process = spawn(self.port, &self.folder, &self.options).await;
        self.process = process.expect("redis-server restarts");
    }

    /// SIGKILL, then starts it on the same port with nothing.
    pub async fn restart_empty(&mut self) {
        self.kill().await;
        self.folder = tempfile::tempdir().unwrap();
        self.restart().await;
    }

    /// SIGSTOP: connections stay, answers do not come.
    pub fn freeze(&self) {
        self.process.signal("-STOP");
    }

    pub fn thaw(&self) {
        self.process.signal("-CONT");
    }
}

/// `None` if the server ends, as it does when the port is taken.
async fn spawn(port: u16, folder: &TempDir, options: &str) -> Option<Process> {
    let options = options.replace("SPARE_PORT", &(port + 1).to_string());
    let mut command = Command::new("redis-server");
    command
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(["--save", ""])
        .args(options.split(' '))
        .current_dir(folder);
    let process = Process::start(command).expect("scripts/setup installs redis-server");
    process.until_it_says("Ready to accept connections").await
}
