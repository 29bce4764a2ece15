use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::SystemTime;

/// The frameworks that there is an example receiver for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framework {
    /// `examples/axum-receiver`
    Axum,
    /// `examples/actix-receiver`
    Actix,
}

impl Framework {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Axum, Self::Actix];

    /// The example's package and binary.
    #[must_use]
    pub const fn package(self) -> &'static str {
        match self {
            Self::Axum => "axum-receiver",
            Self::Actix => "actix-receiver",
        }
    }
}

/// An example receiver as a process of its own.
#[derive(Debug)]
pub struct Receiver {
    /// Where it listens.
    pub addr: SocketAddr,
    /// What it is built on.
    pub framework: Framework,
    child: Child,
}

impl Receiver {
    /// Starts the example on a free port, with this secret. Builds it first if
    /// what is there is older than its sources.
    ///
    /// # Panics
    /// If it does not build, or does not say where it listens.
    #[must_use]
    pub fn start(framework: Framework, secret: &str) -> Self {
        let mut command = Command::new(binary(framework.package()));
        // The receiver must not depend on the environment that starts the tests.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("NANO_WEBHOOK_") {
                command.env_remove(name);
            }
        }
        let mut child = command
            .env("NANO_WEBHOOK_ADDR", "127.0.0.1:0")
            .env("NANO_WEBHOOK_SECRET", secret)
            // actix logs an error for each request that it cannot parse.
            .env("RUST_LOG", "off")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let addr = line
            .trim()
            .strip_prefix("listening on http://")
            .and_then(|rest| rest.strip_suffix("/webhook"))
            .unwrap_or_else(|| panic!("{}: {line:?}", framework.package()));
        // It writes a line for each delivery, and must not wait for a reader.
        thread::spawn(move || stdout.read_to_end(&mut Vec::new()));
        Self {
            addr: addr.parse().unwrap(),
            framework,
            child,
        }
    }

    /// What the process holds at this moment.
    ///
    /// # Panics
    /// If it is gone, or if this is not Linux.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let process = PathBuf::from(format!("/proc/{}", self.child.id()));
        let status = fs::read_to_string(process.join("status")).unwrap();
        let field = |name: &str| -> usize {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap()
                .split_whitespace()
                .next()
                .unwrap()
                .parse()
                .unwrap()
        };
        Usage {
            resident: field("VmRSS:") * 1024,
            threads: field("Threads:"),
            files: fs::read_dir(process.join("fd")).unwrap().count(),
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // It may have ended by itself, which a test will have noticed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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

/// The example's binary beside this one, built by the same profile.
fn binary(package: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    // target/<profile>/deps/<test>
    let profile = test.ancestors().nth(2).unwrap();
    let binary = profile.join(package);
    if !is_fresh(&binary) {
        build(package, profile);
    }
    binary
}

/// Whether the binary is newer than each source that cargo lists for it.
fn is_fresh(binary: &Path) -> bool {
    let modified = |path: &Path| -> Option<SystemTime> { fs::metadata(path).ok()?.modified().ok() };
    let (Some(built), Ok(sources)) = (
        modified(binary),
        fs::read_to_string(binary.with_extension("d")),
    ) else {
        return false;
    };
    let (_, sources) = sources.split_once(": ").unwrap_or_default();
    sources
        .split_whitespace()
        .all(|source| modified(Path::new(source)).is_some_and(|source| source <= built))
}

fn build(package: &str, profile: &Path) {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--quiet", "--locked", "--package", package])
        .arg("--target-dir")
        .arg(profile.parent().unwrap())
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    assert!(
        cargo.status().unwrap().success(),
        "{package} does not build"
    );
}
