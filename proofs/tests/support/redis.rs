use std::net::TcpListener;
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
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        Self {
            child: spawn(port, &folder, durable).await,
            port,
            folder,
            durable,
        }
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
        self.child = spawn(self.port, &self.folder, self.durable).await;
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

async fn spawn(port: u16, folder: &TempDir, durable: bool) -> Child {
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
                return;
            }
        }
        panic!("redis-server ended");
    };
    timeout(START, ready)
        .await
        .expect("redis-server does not start");
    // Whatever else it says must not fill the pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    child
}
