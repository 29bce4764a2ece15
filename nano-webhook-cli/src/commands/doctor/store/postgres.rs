use std::time::Duration;

use nano_webhook_core::UnixTime;
use nano_webhook_sqlx::PostgresStore;
use nano_webhook_sqlx::sqlx::postgres::{PgConnectOptions, PgConnection};
use nano_webhook_sqlx::sqlx::{self, Connection as _};
use tokio::time::timeout;

use super::super::clock::Offset;
use super::super::kinds;
use super::super::report::Report;
use super::claims::{check_clock, claim_and_complete};

const LONGEST: Duration = Duration::from_secs(10);

const SETTINGS: &str =
    "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean,
    current_setting('fsync'), current_setting('synchronous_commit'),
    (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
    to_regclass('nano_webhook_claims') IS NOT NULL";

pub(super) async fn check(url: &str, report: &mut Report) {
    // Its error can quote the URL.
    let Ok(options) = url.parse::<PgConnectOptions>() else {
        let seen = "NANO_WEBHOOK_DATABASE_URL is not the URL of a Postgres";
        return report.add(kinds::STORE_UNUSABLE, seen);
    };
    match timeout(LONGEST, PgConnection::connect_with(&options)).await {
        Ok(Ok(connection)) => {
            if let Err(error) = ask(connection, options, report).await {
                report.add(kinds::STORE_REFUSES, error.to_string());
            }
        }
        Ok(Err(error @ sqlx::Error::Tls(_))) => {
            report.add(kinds::STORE_UNCHECKED, error.to_string())
        }
        Ok(Err(error)) => report.add(kinds::STORE_UNREACHABLE, error.to_string()),
        Err(_) => report.add(kinds::STORE_UNREACHABLE, "no answer within 10 s"),
    }
}

async fn ask(
    mut connection: PgConnection,
    options: PgConnectOptions,
    report: &mut Report,
) -> Result<(), sqlx::Error> {
    let before = UnixTime::now();
    let (read_only, fsync, commit, time, exists): (bool, String, String, i64, bool) =
        sqlx::query_as(SETTINGS).fetch_one(&mut connection).await?;
    check_clock(Offset::between(time, before, UnixTime::now()), report);
    if fsync == "off" || commit == "off" {
        let seen = format!("fsync is {fsync}, synchronous_commit is {commit}");
        report.add(kinds::STORE_FORGETS, seen);
    }
    if read_only {
        let seen = "Postgres is a standby, or its transactions are read-only";
        report.add(kinds::STORE_READ_ONLY, seen);
        return Ok(());
    }
    if !exists {
        let seen = "the table nano_webhook_claims does not exist";
        report.add(kinds::STORE_NEW, seen);
        return Ok(());
    }
    let store = match PostgresStore::connect_with(options).await {
        Ok(store) => store,
        Err(error) => {
            report.add(kinds::STORE_REFUSES, error.to_string());
            return Ok(());
        }
    };
    let id = claim_and_complete(&store, report).await;
    sqlx::query("DELETE FROM nano_webhook_claims WHERE id = $1")
        .bind(id.as_bytes().to_vec())
        .execute(&mut connection)
        .await?;
    Ok(())
}
