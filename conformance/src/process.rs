use std::net::TcpListener;
use std::process::{Command as StdCommand, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// Generous: a loaded machine is slow, a broken program never comes.
const HANG: Duration = Duration::from_secs(60);

/// A program that runs until this value is dropped.
pub(crate) struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    pub(crate) fn start(command: StdCommand) -> Result<Self, String> {
        let mut child = Command::from(command)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("could not be started: {error}"))?;
        let stdout = child.stdout.take().ok_or("has no standard output")?;
        Ok(Self {
            child,
            lines: BufReader::new(stdout).lines(),
        })
    }

    /// The next line of its standard output.
    pub(crate) async fn line(&mut self) -> Result<String, String> {
        timeout(HANG, self.lines.next_line())
            .await
            .map_err(|_| "printed nothing".to_owned())?
            .map_err(|error| error.to_string())?
            .ok_or_else(|| "ended".to_owned())
    }

    /// Sends SIGTERM, and waits for its exit code.
    pub(crate) async fn terminate(&mut self) -> Result<i32, String> {
        let id = self.child.id().ok_or("it has ended already")?;
        StdCommand::new("kill")
            .args(["-TERM", &id.to_string()])
            .status()
            .map_err(|error| error.to_string())?;
        let ended = timeout(HANG, self.child.wait()).await;
        let status = ended
            .map_err(|_| "it does not end")?
            .map_err(|error| error.to_string())?;
        status
            .code()
            .ok_or_else(|| "it was killed by a signal".to_owned())
    }
}

/// The program without the variables that configure a receiver: a test must not depend on
/// the environment that starts it.
pub(crate) fn command(program: &str) -> StdCommand {
    let mut command = StdCommand::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("NANO_WEBHOOK_") {
            command.env_remove(name);
        }
    }
    command
}

/// A `redis-server` that keeps nothing on disk, and its port. Another process can take the
/// port before the server binds it; then the server ends, and the next port is tried.
pub(crate) async fn redis_server() -> Result<(Process, u16), String> {
    for _ in 0..10 {
        let port = free_port();
        let mut command = StdCommand::new("redis-server");
        command
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .current_dir(std::env::temp_dir());
        let mut server = Process::start(command)
            .map_err(|error| format!("redis-server {error}; scripts/setup installs it"))?;
        while let Ok(line) = server.line().await {
            if line.contains("Ready to accept connections") {
                return Ok((server, port));
            }
        }
    }
    Err("redis-server does not start".to_owned())
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
