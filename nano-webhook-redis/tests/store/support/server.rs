use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::PATIENCE;

/// A `redis-server` on a free port, in a folder of its own. It is killed when this is
/// dropped.
pub(crate) struct RedisServer {
    process: Child,
    folder: TempDir,
    port: u16,
    spare_port: u16,
    options: String,
}

impl RedisServer {
    /// Starts one that keeps everything in memory.
    pub(crate) async fn start() -> Self {
        Self::start_with("--appendonly no").await
    }

    /// Starts one with these options. `SPARE_PORT` stands for a second free port.
    pub(crate) async fn start_with(options: &str) -> Self {
        // Another process may take a port before the server does.
        for _ in 0..10 {
            let folder = tempfile::tempdir().unwrap();
            let (port, spare_port) = (free_port(), free_port());
            let options = options.replace("SPARE_PORT", &spare_port.to_string());
            let mut server = Self {
                process: spawn(&folder, port, &options),
                folder,
                port,
                spare_port,
                options,
            };
            if server.is_up().await {
                return server;
            }
        }
        panic!("redis-server did not start on any of ten ports");
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// The URL with a login, such as `user:password`.
    pub(crate) fn url_with(&self, login: &str) -> String {
        format!("redis://{login}@{}", self.address())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    pub(crate) fn spare_port(&self) -> u16 {
        self.spare_port
    }

    /// `STOP` freezes it: connections stay, and nothing is answered. `CONT` thaws it.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.process.id();
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -{signal} {id}")])
            .status();
        assert!(sent.is_ok_and(|status| status.success()), "kill -{signal}");
    }

    pub(crate) fn kill(&mut self) {
        // Fails only if it is dead.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Kills it, and starts it again with what it wrote to the disk.
    pub(crate) async fn restart(&mut self) {
        self.kill();
        let begun = Instant::now();
        loop {
            self.process = spawn(&self.folder, self.port, &self.options);
            if self.is_up().await {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{}", self.log());
        }
    }

    /// Sends a command, and returns the answer as the server wrote it.
    pub(crate) async fn command(&self, words: &[&str]) -> String {
        let answer = self.try_command(words).await;
        answer.unwrap_or_else(|error| panic!("{words:?}: {error}\n{}", self.log()))
    }

    async fn try_command(&self, words: &[&str]) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(self.address()).await?;
        let mut request = format!("*{}\r\n", words.len());
        for word in words {
            request.push_str(&format!("${}\r\n{word}\r\n", word.len()));
        }
        // The server closes the connection after it, which ends the answer.
        request.push_str("*1\r\n$4\r\nQUIT\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        timeout(PATIENCE, stream.read_to_string(&mut answer)).await??;
        Ok(answer.strip_suffix("+OK\r\n").unwrap_or(&answer).to_owned())
    }

    /// Waits until it answers. False if its process ends instead.
    async fn is_up(&mut self) -> bool {
        let begun = Instant::now();
        while let Ok(None) = self.process.try_wait() {
            let answer = self.try_command(&["INFO"]).await.unwrap_or_default();
            // Another test's server may have taken the port. One with a password says
            // nothing of itself.
            if answer.starts_with('-') || answer.contains("\nloading:0\r\n") {
                let own = format!("process_id:{}\r\n", self.process.id());
                return answer.starts_with('-') || answer.contains(&own);
            }
            assert!(begun.elapsed() < PATIENCE, "{}", self.log());
            sleep(Duration::from_millis(10)).await;
        }
        false
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(folder: &TempDir, port: u16, options: &str) -> Child {
    Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .args(["--save", "", "--daemonize", "no", "--logfile", "log"])
        .arg("--dir")
        .arg(folder.path())
        .args(options.split(' '))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server starts: run scripts/setup, or apt-get install redis-server")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}
