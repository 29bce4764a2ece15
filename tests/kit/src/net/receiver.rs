use std::ffi::OsStr;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use super::process::{Process, command};

/// A receiver that keeps the contract of the receiver examples, as a process.
#[derive(Debug)]
pub struct Receiver {
    pub process: Process,
    pub addr: SocketAddr,
    /// Where it answers health checks, if it does.
    pub health: Option<SocketAddr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framework {
    Axum,
    Actix,
}

impl Receiver {
    /// Starts a program on a free port, and waits until it listens.
    pub async fn start(
        program: impl AsRef<OsStr>,
        variables: &[(&str, &str)],
    ) -> Result<Self, String> {
        let mut command = command(program);
        command
            .env("NANO_WEBHOOK_ADDR", "127.0.0.1:0")
            .env("NANO_WEBHOOK_ADMIN_ADDR", "127.0.0.1:0")
            .envs(variables.iter().copied());
        let mut process = Process::start(command)?;
        let mut line = process.line().await?;
        let health = address(&line, "health on http://", "/readyz");
        if health.is_some() {
            line = process.line().await?;
        }
        let addr = address(&line, "listening on http://", "/webhook")
            .ok_or_else(|| format!("its first line is {line:?}"))?;
        Ok(Self {
            process,
            addr,
            health,
        })
    }
}

fn address(line: &str, before: &str, after: &str) -> Option<SocketAddr> {
    let address = line.strip_prefix(before)?.strip_suffix(after)?;
    address.parse().ok()
}

impl Framework {
    /// The example's program. Builds it first if it is older than its sources.
    pub fn program(self) -> PathBuf {
        binary(match self {
            Self::Axum => "axum-receiver",
            Self::Actix => "actix-receiver",
        })
    }

    pub const ALL: [Self; 2] = [Self::Axum, Self::Actix];

    pub async fn receiver(self, secret: &str) -> Receiver {
        let variables = [
            ("NANO_WEBHOOK_SECRET", secret),
            ("NANO_WEBHOOK_IDLE_TIMEOUT", "5"),
        ];
        let receiver = Receiver::start(self.program(), &variables).await;
        receiver.unwrap_or_else(|error| panic!("{self:?}: {error}"))
    }
}

/// The example's binary, built by the profile of this test.
fn binary(package: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    // target/<profile>/deps/<test>
    let profile = test.ancestors().nth(2).unwrap();
    let binary = profile.join(package);
    // scripts/test has just built it. After a first build by `cargo test`, no list says so.
    let is_built = std::env::var_os("NANO_WEBHOOK_BUILT").is_some() && binary.exists();
    if !is_built && !is_fresh(&binary) {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--quiet", "--locked", "--package", package]);
        cargo.arg("--target-dir").arg(profile.parent().unwrap());
        cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        let built = cargo.status().unwrap().success();
        assert!(built, "{package} does not build");
    }
    binary
}

/// Whether the binary is newer than each source that cargo lists for it. Cargo itself would
/// build it anew, with fewer features, where `--workspace --all-features` built it.
fn is_fresh(binary: &Path) -> bool {
    let modified = |path: &Path| -> Option<SystemTime> { fs::metadata(path).ok()?.modified().ok() };
    let sources = fs::read_to_string(binary.with_extension("d")).unwrap_or_default();
    let (Some(built), Some((_, sources))) = (modified(binary), sources.split_once(": ")) else {
        return false;
    };
    let mut sources = sources.split_whitespace();
    sources.all(|source| modified(Path::new(source)).is_some_and(|source| source <= built))
}
