use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nano_webhook_core::WebhookEvent;
use nano_webhook_core::dedupe::LeaseHandle;

/// The folder that all processes of a proof share.
#[derive(Clone, Debug)]
pub struct Evidence(PathBuf);

impl Evidence {
    /// Evidence in this folder.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Makes the folders that the handlers use.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn create(&self) -> io::Result<()> {
        fs::create_dir_all(self.0.join("running"))?;
        fs::create_dir_all(self.0.join("gate"))
    }

    /// The tasks that were done, and at which attempt, in the order in which they
    /// were.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn done(&self) -> io::Result<Vec<(String, u64)>> {
        Ok(lines(&self.0.join("done"))?
            .iter()
            .filter_map(|line| {
                let (task, attempt) = line.split_once(' ')?;
                Some((task.to_owned(), attempt.parse().ok()?))
            })
            .collect())
    }

    /// The tasks at which two handlers met.
    ///
    /// # Errors
    /// When the file system refuses.
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
    /// When the file system refuses.
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

fn lines(path: &Path) -> io::Result<Vec<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Handles a delivery, leaves its evidence, and says with which status.
///
/// # Errors
/// When the file system refuses.
pub async fn handle(
    evidence: &Evidence,
    event: &WebhookEvent,
    lease: Option<&LeaseHandle>,
) -> io::Result<u16> {
    let task = event.task_id().unwrap_or("none");
    let attempt = lease.map_or(0, LeaseHandle::attempt);
    let running = evidence.running(task);
    // A process that was killed leaves its file behind; its successor says so by
    // the attempt in it.
    let mut file = match OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&running)
    {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            evidence.append("overlaps", task)?;
            OpenOptions::new()
                .write(true)
                .truncate(true)
                .open(&running)?
        }
        Err(error) => return Err(error),
    };
    write!(file, "{attempt}")?;

    if task.starts_with("hold-") {
        // Another process opens the gate: there is nothing to await but the file.
        while !evidence.gate(task).exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    } else {
        // Long enough that the copies of a delivery meet.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let failed = task.starts_with("fail-") && one_in_ten(task, attempt);
    if !failed {
        evidence.append("done", &format!("{task} {attempt}"))?;
    }
    fs::remove_file(&running)?;
    Ok(if failed { 500 } else { 200 })
}

/// Chance that a later attempt does not share, and that a run can repeat.
fn one_in_ten(task: &str, attempt: u64) -> bool {
    let mixed = task
        .bytes()
        .fold(attempt.wrapping_mul(0x9e37_79b9), |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    mixed.rotate_left(32) % 10 == 0
}
