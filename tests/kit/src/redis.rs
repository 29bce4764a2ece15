use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::http::PATIENCE;
use crate::process::{Process, spare_port};

/// A `redis-server` on a free port; it ends with this value.
#[derive(Debug)]
pub struct RedisServer {
    process: Process,
    port: u16,
    spare_port: u16,
    folder: TempDir,
    options: String,
}

impl RedisServer {
    /// What has on disk what it has answered.
    pub const DURABLE: &str = "--appendonly yes --appendfsync always";

    /// Starts one that keeps nothing on disk.
    pub async fn start() -> Self {
        Self::start_with("--appendonly no").await
    }

    /// Starts one with these options. `SPARE_PORT` stands for a second free port.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start_with(options: &str) -> Self {
        for _ in 0..10 {
            let folder = tempfile::tempdir().unwrap();
            let (port, spare_port) = (spare_port(), spare_port());
            let options = options.replace("SPARE_PORT", &spare_port.to_string());
            if let Some(process) = spawn(port, &folder, &options).await {
                return Self {
                    process,
                    port,
                    spare_port,
                    folder,
                    options,
                };
            }
        }
        panic!("redis-server does not start; scripts/setup installs it");
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// The URL with a login, such as `user:password`.
    #[must_use]
    pub fn url_with(&self, login: &str) -> String {
        format!("redis://{login}@{}", self.address())
    }

    /// What `SPARE_PORT` stands for.
    #[must_use]
    pub fn spare_port(&self) -> u16 {
        self.spare_port
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
    ///
    /// # Panics
    /// If it does not.
    pub async fn eventually(&self, command: &[&str], expected: &str) {
        let answers = async {
            while !self.command(command).await.contains(expected) {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        let reached = timeout(PATIENCE, answers).await;
        reached.unwrap_or_else(|_| panic!("{command:?} never answers {expected:?}"));
    }

    /// SIGKILL
    pub async fn kill(&mut self) {
        self.process.kill().await;
    }

    /// Starts it on the same port, with what is on disk.
    ///
    /// # Panics
    /// If it does not start.
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

    /// SIGCONT
    pub fn thaw(&self) {
        self.process.signal("-CONT");
    }
}

/// `None` if the server ends, as it does when the port is taken.
async fn spawn(port: u16, folder: &TempDir, options: &str) -> Option<Process> {
    let mut command = Command::new("redis-server");
    command
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(["--save", ""])
        .args(options.split(' '))
        .current_dir(folder);
    let process = Process::start(command).expect("scripts/setup installs redis-server");
    process.until_it_says("Ready to accept connections").await
}
