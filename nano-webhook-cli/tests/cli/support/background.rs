use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use super::plain;

/// A run of a program that goes on while the test does, and is killed with it.
pub(crate) struct Background {
    child: Child,
    lines: Receiver<String>,
}

/// Long enough for a machine that is busy with something else.
const PATIENCE: Duration = Duration::from_secs(60);

impl Background {
    pub(crate) fn nano_webhook(arguments: &[&str]) -> Self {
        Self::start(plain().args(arguments))
    }

    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines }
    }

    /// The next line that it prints.
    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("another line")
    }

    pub(crate) fn json(&self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"))
    }

    /// The address at the end of the next line.
    pub(crate) fn address(&self) -> String {
        let line = self.line();
        let (_, url) = line.rsplit_once(' ').unwrap();
        assert!(url.starts_with("http://127.0.0.1:"), "{line}");
        url.to_owned()
    }

    /// Ends it as Ctrl-C does. Gives the exit code, and the lines that were not read
    /// yet.
    #[cfg(unix)]
    pub(crate) fn interrupt(mut self) -> (i32, Vec<String>) {
        let killed = Command::new("kill")
            .args(["-INT", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(killed.success());
        // The pipe's end comes with the process's.
        let mut rest = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            rest.push(line);
        }
        (self.child.wait().unwrap().code().unwrap(), rest)
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
