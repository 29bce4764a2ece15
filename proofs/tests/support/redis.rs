use std::process::{Command as StdCommand, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

const START: Duration = Duration::from_secs(60);

/// A real `redis-server` on a free port; it dies with this value.
pub(crate) struct RedisServer {
    child: Child,
    port: u16,
    folder: TempDir,
    durable: bool,
}

impl RedisServer {
    /// One that keeps nothing on disk.
    pub(crate) async fn start() -> Self {
        Self::with(false).await
    }

    /// One that has on disk what it has answered for.
    pub(crate) async fn start_durable() -> Self {
        Self::with(true).await
    }

    async fn with(durable: bool) -> Self {
        for _ in 0..10 {
            let folder = tempfile::tempdir().unwrap();
            // Below the ports that the system gives to clients: none of them takes the port
            // while the server restarts.
            let port = fastrand::u16(15_000..30_000);
            if let Some(child) = spawn(port, &folder, durable).await {
                return Self {
                    child,
                    port,
                    folder,
                    durable,
                };
            }
        }
        panic!("redis-server does not start");
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// kill -9
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// On the same port, with what is on disk.
    pub(crate) async fn restart(&mut self) {
        let child = spawn(self.port, &self.folder, self.durable).await;
        self.child = child.expect("redis-server restarts");
    }

    /// kill -9, and on the same port with nothing.
    pub(crate) async fn restart_empty(&mut self) {
        self.kill().await;
        self.folder = tempfile::tempdir().unwrap();
        self.restart().await;
    }

    /// SIGSTOP: connections stay, answers do not come.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    /// SIGCONT
    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().unwrap().to_string();
        let status = StdCommand::new("kill")
            .args([signal, &id])
            .status()
            .unwrap();
        assert!(status.success());
    }
}

/// `None` if the server ends, as it does when the port is taken.
async fn spawn(port: u16, folder: &TempDir, durable: bool) -> Option<Child> {
    let mut child = Command::new("redis-server")
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
        ])
        .args(["--appendonly", if durable { "yes" } else { "no" }])
        .args(["--appendfsync", "always"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("redis-server is needed; scripts/setup installs it");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.contains("Ready to accept connections") {
                return true;
            }
        }
        false
    };
    let is_ready = timeout(START, ready).await;
    if !is_ready.expect("redis-server does not start") {
        return None;
    }
    // Whatever else it says must not fill the pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Some(child)
}
