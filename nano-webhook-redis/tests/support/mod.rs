//! A `redis-server` of a test's own, on a free port, in a folder of its own.
//!
//! Other packages' tests include this file by its path. It needs `tempfile`, and
//! of `tokio` the features `io-util`, `net` and `time`.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// How long a server may take to be up, on a machine under any load.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server. It is killed when this is dropped.
pub struct RedisServer {
    // Before the folder: it must be dead when that goes.
    process: Process,
    folder: TempDir,
    port: u16,
    options: Vec<String>,
}

struct Process(Child);

impl RedisServer {
    /// Starts one that keeps everything in memory.
    pub async fn start() -> Self {
        Self::start_with(&["--appendonly", "no"]).await
    }

    /// Starts one that has written each command to the disk before it answers.
    pub async fn start_durable() -> Self {
        Self::start_with(&["--appendonly", "yes", "--appendfsync", "always"]).await
    }

    /// Starts one with these options.
    pub async fn start_with(options: &[&str]) -> Self {
        Self::start_on_two_ports(|_| options.iter().map(|option| (*option).to_owned()).collect())
            .await
    }

    /// Starts one with options that name a second port.
    pub async fn start_on_two_ports(options: impl Fn(u16) -> Vec<String>) -> Self {
        // Between our choice of a port and the server's use of it, somebody else
        // may take it.
        for _ in 0..10 {
            let folder = tempfile::tempdir().expect("a folder for redis-server");
            let (port, options) = (free_port(), options(free_port()));
            let process = Process::spawn(&folder, port, &options);
            let mut server = Self {
                process,
                folder,
                port,
                options,
            };
            if server.is_up().await {
                return server;
            }
        }
        panic!("redis-server did not start on any of ten ports");
    }

    /// `redis://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// The folder that it works in.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Stops it in its tracks: connections stay, nothing is answered (SIGSTOP).
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets it go on (SIGCONT).
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    /// Kills it (SIGKILL).
    pub async fn kill(&mut self) {
        self.process.kill();
    }

    /// Kills it if it is alive, and starts it again: with what it had written to
    /// the disk.
    pub async fn restart(&mut self) {
        self.process.kill();
        let begun = Instant::now();
        loop {
            self.process = Process::spawn(&self.folder, self.port, &self.options);
            if self.is_up().await {
                return;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "redis-server does not come back:\n{}",
                self.log()
            );
        }
    }

    /// Kills it if it is alive, and starts it again with nothing.
    pub async fn restart_empty(&mut self) {
        self.process.kill();
        self.folder = tempfile::tempdir().expect("a folder for redis-server");
        self.restart().await;
    }

    /// Sends a command, and returns what comes back, as it comes.
    pub async fn command(&self, words: &[&str]) -> String {
        self.try_command(words)
            .await
            .unwrap_or_else(|error| panic!("{words:?}: {error}\n{}", self.log()))
    }

    async fn try_command(&self, words: &[&str]) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(self.address()).await?;
        let mut request = format!("*{}\r\n", words.len());
        for word in words {
            request.push_str(&format!("${}\r\n{word}\r\n", word.len()));
        }
        // The server hangs up after it, so that we need not know where an answer
        // ends.
        request.push_str("*1\r\n$4\r\nQUIT\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut answer)).await??;
        Ok(answer.strip_suffix("+OK\r\n").unwrap_or(&answer).to_owned())
    }

    /// Waits until it answers. False if its process ends instead.
    async fn is_up(&mut self) -> bool {
        let begun = Instant::now();
        loop {
            if self.process.has_ended() {
                return false;
            }
            // Whatever it says, but that it is still reading its files.
            if let Ok(answer) = self.try_command(&["PING"]).await
                && !answer.is_empty()
                && !answer.contains("LOADING")
            {
                // Somebody else's may have been faster on that port.
                let info = self.command(&["INFO", "server"]).await;
                let ours = format!("process_id:{}\r\n", self.process.0.id());
                return !info.contains("process_id:") || info.contains(&ours);
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "redis-server is not up:\n{}",
                self.log()
            );
            sleep(Duration::from_millis(10)).await;
        }
    }

    fn signal(&self, signal: &str) {
        let id = self.process.0.id();
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -{signal} {id}")])
            .status();
        assert!(sent.is_ok_and(|status| status.success()), "kill -{signal}");
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Process {
    fn spawn(folder: &TempDir, port: u16, options: &[String]) -> Self {
        let child = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
            .args(["--save", "", "--daemonize", "no", "--logfile", "log"])
            .arg("--dir")
            .arg(folder.path())
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        match child {
            Ok(child) => Self(child),
            Err(error) => panic!(
                "redis-server cannot be started ({error}). These tests run against a real one. \
                 Run scripts/setup, or install it: apt-get install redis-server"
            ),
        }
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    fn kill(&mut self) {
        // Fails only if it is dead.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that nobody listens on right now.
fn free_port() -> u16 {
    std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}
