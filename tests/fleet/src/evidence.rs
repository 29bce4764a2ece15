use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File, OpenOptions};
use std::hash::{Hash as _, Hasher as _};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;

use nano_webhook_core::WebhookEvent;
use nano_webhook_core::dedupe::LeaseHandle;

/// The folder that all processes of a test share.
#[derive(Clone, Debug)]
pub struct Evidence(PathBuf);

/// A line of `done`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Which task was done.
    pub task: String,
    /// At which attempt.
    pub attempt: u64,
    /// By which process.
    pub process: u32,
}

impl Evidence {
    /// Evidence in this folder.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Makes the folders that the handlers use.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn create(&self) -> io::Result<()> {
        fs::create_dir_all(self.0.join("running"))?;
        fs::create_dir_all(self.0.join("gate"))
    }

    /// What was done, in order.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn done(&self) -> io::Result<Vec<Done>> {
        let done = lines(&self.0.join("done"))?;
        Ok(done.iter().filter_map(|line| Done::parse(line)).collect())
    }

    /// The tasks at which two handlers met.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn overlaps(&self) -> io::Result<Vec<String>> {
        lines(&self.0.join("overlaps"))
    }

    /// Where a file stands while this task is being handled.
    #[must_use]
    pub fn running(&self, task: &str) -> PathBuf {
        self.0.join("running").join(task)
    }

    /// Lets a task that waits go on.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn open_gate(&self, task: &str) -> io::Result<()> {
        File::create(self.gate(task)).map(drop)
    }

    fn gate(&self, task: &str) -> PathBuf {
        self.0.join("gate").join(task)
    }

    /// One write to a file that is open for appending is not torn apart.
    fn append(&self, file: &str, line: &str) -> io::Result<()> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.0.join(file))?
            .write_all(format!("{line}\n").as_bytes())
    }
}

impl Done {
    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.split(' ');
        Some(Self {
            task: parts.next()?.to_owned(),
            attempt: parts.next()?.parse().ok()?,
            process: parts.next()?.parse().ok()?,
        })
    }
}

fn lines(path: &Path) -> io::Result<Vec<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Handles a delivery, leaves its evidence, and returns the status of the answer.
pub(crate) async fn handle(
    evidence: &Evidence,
    event: &WebhookEvent,
    lease: Option<&LeaseHandle>,
) -> u16 {
    try_handle(evidence, event, lease).await.unwrap_or(500)
}

async fn try_handle(
    evidence: &Evidence,
    event: &WebhookEvent,
    lease: Option<&LeaseHandle>,
) -> io::Result<u16> {
    let task = event.task_id().unwrap_or("none");
    let attempt = lease.map_or(0, LeaseHandle::attempt);
    let running = evidence.running(task);
    let mut options = OpenOptions::new();
    // A process that was killed leaves its file behind.
    match options.write(true).create_new(true).open(&running) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            evidence.append("overlaps", task)?;
        }
        created => drop(created?),
    }
    if task.starts_with("hold-") {
        // Another process opens the gate: there is nothing to await but the file.
        while !evidence.gate(task).exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    } else {
        // Long enough that the copies of a delivery meet.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let fails = task.starts_with("fail-") && one_in_ten(task, attempt);
    if !fails {
        evidence.append("done", &format!("{task} {attempt} {}", process::id()))?;
    }
    // Where two met, the other one may have removed it.
    let _ = fs::remove_file(&running);
    Ok(if fails { 500 } else { 200 })
}

/// Chance that a later attempt does not share, and that a run can repeat.
fn one_in_ten(task: &str, attempt: u64) -> bool {
    let mut hasher = DefaultHasher::new();
    (task, attempt).hash(&mut hasher);
    hasher.finish().is_multiple_of(10)
}
