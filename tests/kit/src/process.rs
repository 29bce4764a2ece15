use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::{Command as StdCommand, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

/// A loaded machine is slow; a broken program never gets there.
const HANG: Duration = Duration::from_secs(60);

/// A program that runs until this value is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    lines: UnboundedReceiver<String>,
}

/// What a process holds.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Resident memory in bytes.
    pub resident: usize,
    /// Threads.
    pub threads: usize,
    /// Open files, sockets among them.
    pub files: usize,
}

impl Process {
    /// Starts it.
    ///
    /// # Errors
    /// If there is no such program.
    pub fn start(command: StdCommand) -> Result<Self, String> {
        Self::spawn(command, false)
    }

    /// Starts a program whose lines come from its standard error.
    ///
    /// # Errors
    /// If there is no such program.
    pub fn start_with_log(command: StdCommand) -> Result<Self, String> {
        Self::spawn(command, true)
    }

    fn spawn(command: StdCommand, log: bool) -> Result<Self, String> {
        let output = |wanted: bool| {
            if wanted {
                Stdio::piped()
            } else {
                Stdio::null()
            }
        };
        let mut child = Command::from(command)
            .stdin(Stdio::null())
            .stdout(output(!log))
            .stderr(output(log))
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
        loop {
            match self.line().await {
                Ok(line) if line.contains(text) => return Some(self),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }

    /// The next line of its standard output.
    ///
    /// # Errors
    /// If the process ends, or prints nothing.
    pub async fn line(&mut self) -> Result<String, String> {
        let line = timeout(HANG, self.lines.recv()).await;
        line.map_err(|_| "printed nothing")?
            .ok_or("ended".to_owned())
    }

    /// Its id.
    ///
    /// # Panics
    /// If it has ended.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Sends it a signal: `-STOP`, `-CONT`, …
    pub fn signal(&self, signal: &str) {
        let id = self.id().to_string();
        let status = StdCommand::new("kill").args([signal, &id]).status();
        assert!(status.unwrap().success(), "kill {signal} {id}");
    }

    /// Waits for its exit code.
    ///
    /// # Errors
    /// If it does not end, or is ended by a signal.
    pub async fn ended(&mut self) -> Result<i32, String> {
        let ended = timeout(HANG, self.child.wait()).await;
        let status = ended.map_err(|_| "it does not end")?.unwrap();
        status.code().ok_or("it was ended by a signal".to_owned())
    }

    /// Sends SIGKILL, and waits for its end.
    pub async fn kill(&mut self) {
        if self.is_alive() {
            self.child.kill().await.unwrap();
        }
    }

    /// Whether it still runs: a panic of its main task, or an abort, would have ended it.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// What it holds at this moment. On Linux only.
    #[must_use]
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

/// A port below those that the system gives to clients: none of them takes it while a
/// server restarts. Another server may have it.
pub(crate) fn spare_port() -> u16 {
    fastrand::u16(15_000..30_000)
}

/// The program without the variables that configure a receiver: a test must not depend on
/// the environment that starts it.
#[must_use]
pub fn command(program: impl AsRef<OsStr>) -> StdCommand {
    let mut command = StdCommand::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("NANO_WEBHOOK_") {
            command.env_remove(name);
        }
    }
    command
}
