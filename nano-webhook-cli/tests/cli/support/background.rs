use std::cell::RefCell;
use std::process::Command;
use std::sync::LazyLock;

use nano_webhook_test_kit::Process;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::plain;

/// A run of a program that goes on while the test does, and is killed with it.
pub(crate) struct Background(RefCell<Process>);

pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
    RUNTIME.block_on(future)
}

impl Background {
    pub(crate) fn nano_webhook(arguments: &[&str]) -> Self {
        let mut command = plain();
        command.args(arguments);
        Self::start(command)
    }

    pub(crate) fn start(command: Command) -> Self {
        let process = wait(async { Process::start(command) });
        Self(RefCell::new(process.unwrap()))
    }

    /// The next line that it prints.
    pub(crate) fn line(&self) -> String {
        wait(self.0.borrow_mut().line()).unwrap()
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
    pub(crate) fn interrupt(self) -> (i32, Vec<String>) {
        let mut process = self.0.into_inner();
        process.signal("-INT");
        wait(async {
            let mut rest = Vec::new();
            while let Ok(line) = process.line().await {
                rest.push(line);
            }
            (process.ended().await.unwrap(), rest)
        })
    }
}
