use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::SECRET;

/// Generous: a loaded machine is slow, a broken one never comes.
const START: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Axum,
    Actix,
}

/// A receiver in a process of its own; it dies with this value.
pub(crate) struct Receiver {
    child: Child,
    pub(crate) addr: SocketAddr,
}

impl Receiver {
    pub(crate) async fn start(kind: Kind, redis_url: &str, folder: &Path, lease: Duration) -> Self {
        let program = match kind {
            Kind::Axum => env!("CARGO_BIN_EXE_proof-axum"),
            Kind::Actix => env!("CARGO_BIN_EXE_proof-actix"),
        };
        let mut child = Command::new(program)
            .env("PROOF_SECRET", SECRET)
            .env("PROOF_REDIS_URL", redis_url)
            .env("PROOF_FOLDER", folder)
            .env("PROOF_LEASE_MS", lease.as_millis().to_string())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = timeout(START, lines.next_line())
            .await
            .unwrap_or_else(|_| panic!("{kind:?} did not start"))
            .unwrap()
            .unwrap_or_else(|| panic!("{kind:?} ended before it listened"));
        Self {
            child,
            addr: line.parse().unwrap(),
        }
    }

    /// kill -9
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Whether the process is still there: a panic of its main task, or an abort,
    /// would have ended it.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}
