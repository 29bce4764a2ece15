use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::process::{Process, spare_port};

/// A Postgres server on a free port; it ends with this value.
#[derive(Debug)]
pub struct PostgresServer {
    process: Process,
    folder: TempDir,
    launch: Launch,
}

/// How a server is started.
#[derive(Clone, Debug)]
struct Launch {
    data: PathBuf,
    port: u16,
    settings: Vec<String>,
    environment: Vec<(String, String)>,
}

impl PostgresServer {
    /// Starts one.
    pub async fn start() -> Self {
        Self::start_with(&[], |_| Vec::new()).await
    }

    /// Starts one with these settings (`name=value`), and with an environment that may
    /// refer to its data, which is a folder `data` in the given one.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start_with(
        settings: &[&str],
        environment: impl FnOnce(&Path) -> Vec<(String, String)>,
    ) -> Self {
        let folder = folder();
        let data = folder.path().join("data");
        let mut create = program("initdb");
        create
            .arg("--pgdata")
            .arg(&data)
            .args(["--auth=trust", "--username=app", "--encoding=UTF8"])
            .args(["--no-locale", "--no-sync", "--wal-segsize=1"]);
        run(create, folder.path());
        let environment = environment(folder.path());
        Self::launch(folder, settings, environment).await
    }

    /// Starts a standby that copies this server, which it reaches at this address.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start_standby(&self, address: SocketAddr) -> Self {
        let folder = folder();
        let mut copy = program("pg_basebackup");
        copy.arg("--pgdata")
            .arg(folder.path().join("data"))
            .args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync"])
            .arg(format!("--dbname={}", url(address)));
        run(copy, folder.path());
        Self::launch(folder, &[], Vec::new()).await
    }

    async fn launch(
        folder: TempDir,
        settings: &[&str],
        environment: Vec<(String, String)>,
    ) -> Self {
        let mut launch = Launch {
            data: folder.path().join("data"),
            port: 0,
            settings: settings.iter().map(|&setting| setting.to_owned()).collect(),
            environment,
        };
        for _ in 0..10 {
            launch.port = spare_port();
            if let Some(process) = launch.spawn().await {
                return Self {
                    process,
                    folder,
                    launch,
                };
            }
        }
        panic!("postgres does not start");
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.launch.port).into()
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> String {
        url(self.address())
    }

    /// The folder with its `data`.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it without a shutdown, as `pg_ctl stop -m immediate` does.
    pub async fn stop_at_once(&mut self) {
        self.process.signal("-QUIT");
        self.process.ended().await.unwrap();
    }

    /// SIGKILL, for all of its processes.
    pub async fn kill(&mut self) {
        // No process is added meanwhile.
        self.process.signal("-STOP");
        self.signal_sessions("-KILL");
        self.process.kill().await;
    }

    /// Starts it on the same port, and recovers.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start_again(&mut self) {
        let process = self.launch.spawn().await;
        self.process = process.expect("postgres recovers");
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        self.process.is_alive()
    }

    /// Makes a standby a primary.
    pub fn promote(&self) {
        let mut promote = program("pg_ctl");
        promote.args(["promote", "--pgdata"]).arg(&self.launch.data);
        run(promote, self.folder.path());
    }

    /// No process of the server answers, until [`thaw`](Self::thaw).
    pub fn freeze(&self) {
        self.process.signal("-STOP");
        self.signal_sessions("-STOP");
    }

    /// SIGCONT
    pub fn thaw(&self) {
        self.signal_sessions("-CONT");
        self.process.signal("-CONT");
    }

    fn signal_sessions(&self, signal: &str) {
        let id = self.process.id();
        let sessions = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        for session in sessions.split_whitespace() {
            // One may have ended meanwhile.
            let _ = Command::new("kill").args([signal, session]).output();
        }
    }
}

impl Launch {
    /// `None` if the server ends, as it does when the port is taken.
    async fn spawn(&self) -> Option<Process> {
        let mut command = program("postgres");
        command.arg("-D").arg(&self.data);
        command.args(["-p", &self.port.to_string()]);
        let own = ["listen_addresses=127.0.0.1", "unix_socket_directories="];
        for setting in own
            .into_iter()
            .chain(self.settings.iter().map(String::as_str))
        {
            command.args(["-c", setting]);
        }
        command.envs(self.environment.iter().cloned());
        command.current_dir(&self.data);
        let process = Process::start_with_log(command).unwrap();
        // A standby accepts connections that only read.
        process.until_it_says("ready to accept").await
    }
}

fn url(address: SocketAddr) -> String {
    format!("postgres://app@{address}/postgres")
}

/// Postgres refuses to run as root, so the folder is another user's.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    if is_root() {
        let mut change = Command::new("chown");
        change.arg("nobody").arg(folder.path());
        run(change, folder.path());
    }
    folder
}

fn run(mut command: Command, folder: &Path) {
    let done = command.current_dir(folder).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?}: {said}");
}

fn program(name: &str) -> Command {
    let path = binary(name);
    if !is_root() {
        return Command::new(path);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"])
        .arg(path);
    command
}

/// Debian keeps the servers of all versions apart from the PATH.
fn binary(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut folders: Vec<PathBuf> = versions
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    folders.sort();
    folders.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    let mut paths = folders.iter().map(|folder| folder.join(name));
    paths
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("{name} is missing: scripts/setup installs postgresql"))
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}
