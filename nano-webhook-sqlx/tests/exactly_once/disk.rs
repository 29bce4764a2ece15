use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// A folder on a disk that forgets what was not flushed, for the processes that get
/// its [`environment`](Self::environment).
pub struct Disk(TempDir);

impl Disk {
    pub fn new() -> Self {
        let disk = Self(tempfile::tempdir().unwrap());
        for folder in ["files", "flushed", "control"] {
            fs::create_dir(disk.path(folder)).unwrap();
        }
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/exactly_once/disk.c");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O2", "-o"])
            .args([disk.path("disk.so").as_os_str(), source.as_ref()])
            .arg("-ldl")
            .status()
            .expect("a C compiler is needed: apt-get install gcc");
        assert!(compiled.success());
        disk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        // The shim sees paths without symbolic links.
        self.0.path().canonicalize().unwrap().join(name)
    }

    pub fn url(&self) -> String {
        format!("sqlite:{}", self.path("files/webhooks.db").display())
    }

    pub fn environment(&self) -> Vec<(String, String)> {
        [
            ("LD_PRELOAD", "disk.so"),
            ("DISK_FOLDER", "files"),
            ("DISK_FLUSHED", "flushed"),
            ("DISK_CONTROL", "control"),
        ]
        .map(|(name, path)| (name.to_owned(), self.path(path).display().to_string()))
        .to_vec()
    }

    pub fn set(&self, control: &str, content: impl ToString) {
        let path = self.path("control").join(control);
        // In one step: a process may be reading it.
        let part = self.path("part");
        fs::write(&part, content.to_string()).unwrap();
        fs::rename(part, path).unwrap();
    }

    pub fn unset(&self, control: &str) {
        fs::remove_file(self.path("control").join(control)).unwrap();
    }

    /// All processes are dead: the flushed files are all that is left.
    pub fn cut_power(&self) {
        copy(&self.path("flushed"), &self.path("files"));
    }

    /// Flushes everything, also what a process without the shim has written.
    pub fn flush(&self) {
        copy(&self.path("files"), &self.path("flushed"));
    }
}

fn copy(from: &PathBuf, to: &PathBuf) {
    fs::remove_dir_all(to).unwrap();
    fs::create_dir(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        // Half a copy of a flush that was killed, and memory that processes share.
        let whole = name == "webhooks.db" || name == "webhooks.db-wal";
        if whole {
            fs::copy(file.path(), to.join(name)).unwrap();
        }
    }
}
