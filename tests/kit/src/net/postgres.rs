use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::process::{Process, on_a_port};

/// A Postgres server on a free port; it ends with this value.
#[derive(Debug)]
pub struct PostgresServer {
    process: Process,
    folder: TempDir,
    port: u16,
    settings: Vec<String>,
    environment: Vec<(String, String)>,
}

impl PostgresServer {
    pub async fn start() -> Self {
        Self::start_with(&[], |_| Vec::new()).await
    }

    /// Starts one with these settings (`name=value`), and with an environment that may
    /// refer to its data, which is a folder `data` in the given one.
    pub async fn start_with(
        settings: &[&str],
        environment: impl FnOnce(&Path) -> Vec<(String, String)>,
    ) -> Self {
        let folder = folder();
        let trust = "--pgdata=data --auth=trust --username=app --encoding=UTF8";
        let quick = "--no-locale --no-sync --wal-segsize=1";
        let options = trust.split(' ').chain(quick.split(' '));
        run(program("initdb").args(options), &folder);
        let environment = environment(folder.path());
        Self::launch(folder, settings, environment).await
    }

    /// Starts a standby that copies this server, which it reaches at this address.
    pub async fn start_standby(&self, address: SocketAddr) -> Self {
        let folder = folder();
        let mut copy = program("pg_basebackup");
        copy.args("--pgdata=data --write-recovery-conf --checkpoint=fast --no-sync".split(' '));
        run(copy.arg(format!("--dbname={}", url(address))), &folder);
        Self::launch(folder, &[], Vec::new()).await
    }

    async fn launch(
        folder: TempDir,
        settings: &[&str],
        environment: Vec<(String, String)>,
    ) -> Self {
        let own = ["listen_addresses=127.0.0.1", "unix_socket_directories="];
        let settings = own.iter().chain(settings).map(ToString::to_string);
        let settings: Vec<String> = settings.collect();
        let start = async |port| spawn(&folder, port, &settings, &environment).await;
        let (port, process) = on_a_port(start).await;
        Self {
            process,
            folder,
            port,
            settings,
            environment,
        }
    }

    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    pub fn url(&self) -> String {
        url(self.address())
    }

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

    pub async fn start_again(&mut self) {
        let process = spawn(&self.folder, self.port, &self.settings, &self.environment).await;
        self.process = process.expect("postgres recovers");
    }

    pub fn is_alive(&mut self) -> bool {
        self.process.is_alive()
    }

    pub fn promote(&self) {
        let mut promote = program("pg_ctl");
        run(promote.args(["promote", "--pgdata=data"]), &self.folder);
    }

    /// No process of the server answers, until [`thaw`](Self::thaw).
    pub fn freeze(&self) {
        self.process.signal("-STOP");
        self.signal_sessions("-STOP");
    }

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

/// `None` if the server ends, as it does when the port is taken.
async fn spawn(
    folder: &TempDir,
    port: u16,
    settings: &[String],
    environment: &[(String, String)],
) -> Option<Process> {
    let mut command = program("postgres");
    command.args(["-D", "data", "-p", &port.to_string()]);
    for setting in settings {
        command.args(["-c", setting]);
    }
    command
        .envs(environment.iter().cloned())
        .current_dir(folder);
    let process = Process::start_with_log(command).unwrap();
    // A standby accepts connections that only read.
    process.until_it_says("ready to accept").await
}

fn url(address: SocketAddr) -> String {
    format!("postgres://app@{address}/postgres")
}

/// Postgres refuses to run as root, so the folder is another user's.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    if is_root() {
        run(Command::new("chown").args(["nobody", "."]), &folder);
    }
    folder
}

fn run(command: &mut Command, folder: &TempDir) {
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
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]);
    command.arg(path);
    command
}

/// Debian keeps the servers of all versions apart from the PATH.
fn binary(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let folders = versions.flatten().map(|version| version.path().join("bin"));
    let mut folders: Vec<PathBuf> = folders.collect();
    folders.sort_by(|one, other| other.cmp(one));
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    let mut paths = folders.iter().map(|folder| folder.join(name));
    let path = paths.find(|path| path.exists());
    path.unwrap_or_else(|| panic!("{name} is missing: scripts/setup installs postgresql"))
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}
