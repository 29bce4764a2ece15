use std::process::Command;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::process::Process;

/// A `redis-server` on a free port; it ends with this value.
#[derive(Debug)]
pub struct RedisServer {
    process: Process,
    port: u16,
    folder: TempDir,
    durable: bool,
}

impl RedisServer {
    /// Starts one that keeps nothing on disk.
    pub async fn start() -> Self {
        Self::with(false).await
    }

    /// Starts one that has on disk what it has answered.
    pub async fn start_durable() -> Self {
        Self::with(true).await
    }

    async fn with(durable: bool) -> Self {
        for _ in 0..10 {
            let folder = tempfile::tempdir().unwrap();
            // Below the ports that the system gives to clients: none of them takes the port
            // while the server restarts.
            let port = fastrand::u16(15_000..30_000);
            if let Some(process) = spawn(port, &folder, durable).await {
                return Self {
                    process,
                    port,
                    folder,
                    durable,
                };
            }
        }
        panic!("redis-server does not start; scripts/setup installs it");
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Sends it a command, and waits for its answer.
    pub async fn command(&self, command: &str) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let line = format!("{command}\r\n");
        stream.write_all(line.as_bytes()).await.unwrap();
        let mut answer = [0; 1];
        stream.read_exact(&mut answer).await.unwrap();
        assert_ne!(answer, *b"-", "{command} is refused");
    }

    /// SIGKILL
    pub async fn kill(&mut self) {
        self.process.kill().await;
    }

    /// Starts it on the same port, with what is on disk.
    pub async fn restart(&mut self) {
        let process = spawn(self.port, &self.folder, self.durable).await;
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
async fn spawn(port: u16, folder: &TempDir, durable: bool) -> Option<Process> {
    let mut command = Command::new("redis-server");
    command
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(["--save", "", "--appendfsync", "always"])
        .args(["--appendonly", if durable { "yes" } else { "no" }])
        .current_dir(folder);
    let mut process = Process::start(command).expect("scripts/setup installs redis-server");
    loop {
        match process.line().await {
            Ok(line) if line.contains("Ready to accept connections") => return Some(process),
            Ok(_) => {}
            Err(_) => return None,
        }
    }
}
