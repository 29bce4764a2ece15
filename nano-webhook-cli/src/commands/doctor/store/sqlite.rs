use std::path::Path;

use nano_webhook_sqlx::sqlx::sqlite::SqliteConnectOptions;
use nano_webhook_sqlx::sqlx::{self, ConnectOptions as _};
use nano_webhook_sqlx::{SqliteStore, TransactionError};

use super::super::kinds;
use super::super::report::Report;
use super::claims::claim_and_complete;

/// File systems on other machines, as Linux names them.
#[rustfmt::skip]
const NETWORK: [&str; 10] = [
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "fuse.sshfs", "fuse.glusterfs",
];

const HAS_TABLE: &str =
    "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'nano_webhook_claims')";

/// The store itself sets the journal mode and `synchronous`, so they need no check.
pub(super) async fn check(url: &str, report: &mut Report) {
    let Ok(options) = url.parse::<SqliteConnectOptions>() else {
        let seen = "NANO_WEBHOOK_DATABASE_URL is not the URL of an SQLite file";
        return report.add(kinds::STORE_UNUSABLE, seen);
    };
    let file = options.get_filename();
    let name = file.display();
    if let Some(system) = network_file_system(file) {
        report.add(kinds::STORE_NETWORK_DISK, format!("{name} is on {system}"));
    }
    if !file.exists() {
        let (kind, seen) = match folder(file).is_dir() {
            true => (kinds::STORE_NEW, format!("{name} does not exist")),
            false => (
                kinds::STORE_REFUSES,
                format!("the folder of {name} does not exist"),
            ),
        };
        return report.add(kind, seen);
    }
    // The store would create its table.
    let has_table = async {
        let mut connection = options.clone().read_only(true).connect().await?;
        sqlx::query_scalar(HAS_TABLE)
            .fetch_one(&mut connection)
            .await
    };
    match has_table.await {
        Ok(true) => {}
        Ok(false) => {
            let seen = format!("{name} has no table of claims");
            return report.add(kinds::STORE_NEW, seen);
        }
        Err(error) => return report.add(kinds::STORE_REFUSES, error.to_string()),
    }
    let store = match SqliteStore::connect(url).await {
        Ok(store) => store,
        Err(error) => return report.add(kinds::STORE_REFUSES, error.to_string()),
    };
    let id = claim_and_complete(&store, report).await;
    let removed = async {
        let mut transaction = store.begin().await?;
        sqlx::query("DELETE FROM nano_webhook_claims WHERE id = ?1")
            .bind(id.as_bytes().to_vec())
            .execute(&mut *transaction)
            .await?;
        Ok::<_, TransactionError>(transaction.commit().await?)
    };
    if let Err(error) = removed.await {
        report.add(kinds::STORE_REFUSES, error.to_string());
    }
}

fn folder(file: &Path) -> &Path {
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// The last mount point that leads to the file decides. Linux only.
fn network_file_system(file: &Path) -> Option<String> {
    let folder = folder(file).canonicalize().ok()?;
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    let system = (mounts.lines())
        .filter_map(|line| {
            let mut fields = line.split(' ').skip(1);
            Some((Path::new(fields.next()?), fields.next()?))
        })
        .filter(|(point, _)| folder.starts_with(point))
        .max_by_key(|(point, _)| point.components().count())?
        .1;
    NETWORK.contains(&system).then(|| system.to_owned())
}
