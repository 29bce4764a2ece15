use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A disk that forgets what was not flushed, for the files in a folder and the processes
/// that get its [`environment`](Self::environment).
pub(crate) struct Disk {
    folder: TempDir,
    files: PathBuf,
}

impl Disk {
    /// With an empty folder of its own.
    pub(crate) fn new() -> Self {
        let files = |folder: &Path| {
            fs::create_dir(folder.join("files")).unwrap();
            folder.join("files")
        };
        Self::with(files)
    }

    /// What the folder has now is flushed.
    pub(crate) fn of(files: PathBuf) -> Self {
        Self::with(|_| files)
    }

    fn with(files: impl FnOnce(&Path) -> PathBuf) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Another user's server uses it.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let source = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/fleet/exactly_once/disk.c"
        );
        let mut compile = Command::new("cc");
        compile.args(["-shared", "-fPIC", "-O2", "-o"]);
        compile
            .arg(folder.path().join("disk.so"))
            .arg(source)
            .arg("-ldl");
        run(compile);
        // The shim sees paths without symbolic links.
        let files = files(folder.path()).canonicalize().unwrap();
        let disk = Self { folder, files };
        fs::create_dir(disk.path("control")).unwrap();
        disk.flush();
        disk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    /// A database of SQLite in the folder.
    pub(crate) fn url(&self) -> String {
        database(&self.files)
    }

    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        [
            ("LD_PRELOAD", self.path("disk.so")),
            ("DISK_FOLDER", self.files.clone()),
            ("DISK_FLUSHED", self.path("flushed")),
            ("DISK_CONTROL", self.path("control")),
        ]
        .map(|(name, path)| (name.to_owned(), path.display().to_string()))
        .to_vec()
    }

    pub(crate) fn set(&self, control: &str, content: impl ToString) {
        // In one step: a process may be reading it.
        let part = self.path("part");
        fs::write(&part, content.to_string()).unwrap();
        fs::rename(part, self.path("control").join(control)).unwrap();
    }

    pub(crate) fn unset(&self, control: &str) {
        fs::remove_file(self.path("control").join(control)).unwrap();
    }

    /// All processes are dead: the flushed files are all that is left.
    pub(crate) fn cut_power(&self) {
        copy(&self.path("flushed"), &self.files);
    }

    /// A copy, and the database in it: a reader leaves no trace on the disk, not even when
    /// its connections close.
    pub(crate) fn copied(&self) -> (TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let files = folder.path().join("files");
        copy(&self.files, &files);
        let url = database(&files);
        (folder, url)
    }

    /// Flushes everything, also what a process without the shim has written.
    pub(crate) fn flush(&self) {
        copy(&self.files, &self.path("flushed"));
    }
}

fn database(files: &Path) -> String {
    format!("sqlite:{}", files.join("webhooks.db").display())
}

fn copy(from: &Path, to: &Path) {
    let mut remove = Command::new("rm");
    remove.arg("-rf").arg(to);
    run(remove);
    let mut copy = Command::new("cp");
    copy.arg("-a").arg(from).arg(to);
    run(copy);
    // A flush that was killed, and memory that processes share.
    let mut clean = Command::new("find");
    clean.arg(to).args([
        "-name", "*.part", "-delete", "-o", "-name", "*-shm", "-delete",
    ]);
    run(clean);
}

fn run(mut command: Command) {
    let status = command.status();
    assert!(status.is_ok_and(|status| status.success()), "{command:?}");
}
