use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command as StdCommand, Stdio};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::PATIENCE;

/// A program that runs until this value is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    lines: UnboundedReceiver<String>,
}

#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Memory in bytes.
    pub resident: usize,
    pub threads: usize,
    /// Open files, sockets among them.
    pub files: usize,
}

impl Process {
    pub fn start(command: StdCommand) -> Result<Self, String> {
        Self::spawn(command, Stdio::piped(), Stdio::null())
    }

    /// Starts a program whose lines come from its standard error.
    pub fn start_with_log(command: StdCommand) -> Result<Self, String> {
        Self::spawn(command, Stdio::null(), Stdio::piped())
    }

    fn spawn(command: StdCommand, stdout: Stdio, stderr: Stdio) -> Result<Self, String> {
        let mut child = Command::from(command)
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("could not be started: {error}"))?;
        let (sender, lines) = unbounded_channel();
        // Its output must not fill the pipe, whether it is looked at or not.
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(read(stdout, sender));
        } else if let Some(stderr) = child.stderr.take() {
            tokio::spawn(read(stderr, sender));
        }
        Ok(Self { child, lines })
    }

    /// Waits for a line with this text. `None` if it ends before.
    pub async fn until_it_says(mut self, text: &str) -> Option<Self> {
        while let Ok(line) = self.line().await {
            if line.contains(text) {
                return Some(self);
            }
        }
        None
    }

    pub async fn line(&mut self) -> Result<String, String> {
        let line = timeout(PATIENCE, self.lines.recv()).await;
        line.map_err(|_| "printed nothing")?
            .ok_or("ended".to_owned())
    }

    pub fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Sends it a signal: `-STOP`, `-CONT`, …
    pub fn signal(&self, signal: &str) {
        let id = self.id().to_string();
        let status = StdCommand::new("kill").args([signal, &id]).status();
        assert!(status.unwrap().success(), "kill {signal} {id}");
    }

    pub async fn ended(&mut self) -> Result<i32, String> {
        let ended = timeout(PATIENCE, self.child.wait()).await;
        let status = ended.map_err(|_| "it does not end")?.unwrap();
        status.code().ok_or("it was ended by a signal".to_owned())
    }

    pub async fn kill(&mut self) {
        if self.is_alive() {
            self.child.kill().await.unwrap();
        }
    }

    /// Whether it still runs: a panic of its main task, or an abort, would have ended it.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// On Linux only.
    pub fn usage(&self) -> Usage {
        let process = PathBuf::from(format!("/proc/{}", self.id()));
        let status = fs::read_to_string(process.join("status")).unwrap();
        let field = |name: &str| -> usize {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next());
            number.unwrap().parse().unwrap()
        };
        Usage {
            resident: field("VmRSS:") * 1024,
            threads: field("Threads:"),
            files: fs::read_dir(process.join("fd")).unwrap().count(),
        }
    }
}

async fn read(output: impl AsyncRead + Unpin, sender: UnboundedSender<String>) {
    let mut output = BufReader::new(output).lines();
    while let Ok(Some(line)) = output.next_line().await {
        let _ = sender.send(line);
    }
}

/// Starts a server on a port below those that the system gives to clients: none of them takes
/// it while a server restarts. Where another server has it, or the next one, it starts on
/// another.
pub(crate) async fn on_a_port(start: impl AsyncFn(u16) -> Option<Process>) -> (u16, Process) {
    for _ in 0..10 {
        let port = fastrand::u16(15_000..30_000);
        if let Some(process) = start(port).await {
            return (port, process);
        }
    }
    panic!("the server does not start: scripts/setup installs it");
}

/// The program without the variables that configure a receiver: a test must not depend on
/// the environment that starts it.
pub fn command(program: impl AsRef<OsStr>) -> StdCommand {
    let mut command = StdCommand::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("NANO_WEBHOOK_") {
            command.env_remove(name);
        }
    }
    command
}
