use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A Postgres server on a free port of the loopback interface. It stops with this
/// value.
pub struct PostgresServer {
    child: Child,
    pub port: u16,
    folder: TempDir,
}

impl PostgresServer {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        if is_root() {
            let changed = Command::new("chown")
                .arg("nobody")
                .arg(folder.path())
                .status();
            assert!(changed.unwrap().success());
        }
        let initialised = program("initdb")
            .arg("--pgdata")
            .arg(&data)
            .args(["--auth=trust", "--username=app", "--encoding=UTF8"])
            .args(["--no-locale", "--no-sync"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&initialised.stderr);
        assert!(initialised.status.success(), "{said}");
        let port = free_port();
        Self {
            child: launch(&folder, port),
            port,
            folder,
        }
    }

    pub fn url(&self) -> String {
        format!("postgres://app@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends the server without a shutdown, as `pg_ctl stop -m immediate` does.
    pub fn stop_at_once(&mut self) {
        self.signal("QUIT");
        self.child.wait().unwrap();
    }

    /// Starts again on the same port, and recovers.
    pub fn start_again(&mut self) {
        self.child = launch(&self.folder, self.port);
    }

    /// No process of the server answers, until [`thaw`](Self::thaw).
    pub fn freeze(&self) {
        self.signal("STOP");
        self.signal_sessions("STOP");
    }

    pub fn thaw(&self) {
        self.signal_sessions("CONT");
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.unwrap().success());
    }

    fn signal_sessions(&self, signal: &str) {
        let id = self.child.id();
        let sessions = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        for session in sessions.split_whitespace() {
            // One may have ended meanwhile.
            let _ = Command::new("kill").args(["-s", signal, session]).status();
        }
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // Its own children end when it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn launch(folder: &TempDir, port: u16) -> Child {
    let mut child = program("postgres")
        .arg("-D")
        .arg(folder.path().join("data"))
        .args(["-p", &port.to_string()])
        .args(["-c", "listen_addresses=127.0.0.1"])
        .args(["-c", "unix_socket_directories="])
        .current_dir(folder.path())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut said = String::new();
    loop {
        let Some(line) = lines.next().transpose().unwrap() else {
            panic!("postgres ended:\n{said}");
        };
        if line.contains("ready to accept connections") {
            break;
        }
        said.push_str(&line);
        said.push('\n');
    }
    // What it logs later must not fill the pipe.
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    child
}

/// Postgres refuses to run as root.
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
    let mut folders: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| {
            versions
                .flatten()
                .map(|version| version.path().join("bin"))
                .collect()
        })
        .unwrap_or_default();
    folders.sort();
    folders.extend(
        std::env::var_os("PATH")
            .iter()
            .flat_map(std::env::split_paths),
    );
    folders
        .into_iter()
        .rev()
        .map(|folder| folder.join(name))
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("{name} is missing: apt-get install postgresql"))
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
