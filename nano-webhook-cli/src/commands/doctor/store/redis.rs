use std::time::Duration;

use nano_webhook_core::UnixTime;
use nano_webhook_redis::redis::aio::MultiplexedConnection;
use nano_webhook_redis::redis::{Client, RedisResult, cmd};
use nano_webhook_redis::{RedisStore, RedisStoreError};
use tokio::time::timeout;

use super::super::clock::Offset;
use super::super::kinds;
use super::super::report::Report;
use super::claims::{check_clock, claim_and_complete};

/// For all questions about the server's settings.
const QUESTIONS: Duration = Duration::from_secs(10);

pub(super) async fn check(url: &str, report: &mut Report) {
    if url.starts_with("rediss:") {
        return report.add(kinds::STORE_UNCHECKED, "the store is a Redis with TLS");
    }
    // Its error can quote the URL.
    let Ok(client) = Client::open(url) else {
        let seen = "NANO_WEBHOOK_REDIS_URL is not the URL of a Redis";
        return report.add(kinds::STORE_UNUSABLE, seen);
    };
    let store = match RedisStore::connect(client.clone()).await {
        Ok(store) => store,
        Err(error) => {
            let kind = match &error {
                RedisStoreError::Failed { reason } if reason.contains("is a replica") => {
                    kinds::STORE_READ_ONLY
                }
                RedisStoreError::Failed { .. } => kinds::STORE_REFUSES,
                _ => kinds::STORE_UNREACHABLE,
            };
            return report.add(kind, error.to_string());
        }
    };
    let id = claim_and_complete(&store, report).await;
    let questions = async {
        let mut connection = client.get_multiplexed_async_connection().await?;
        let delete = cmd("DEL").arg(store.key(id)).to_owned();
        delete.exec_async(&mut connection).await?;
        ask(&mut connection, report).await
    };
    // A server that does not permit INFO, CONFIG or TIME is trusted.
    let _ = timeout(QUESTIONS, questions).await;
}

async fn ask(connection: &mut MultiplexedConnection, report: &mut Report) -> RedisResult<()> {
    let before = UnixTime::now();
    let (seconds, micros): (i64, i64) = cmd("TIME").query_async(connection).await?;
    let time = seconds.saturating_mul(1000).saturating_add(micros / 1000);
    check_clock(Offset::between(time, before, UnixTime::now()), report);

    let info: String = cmd("INFO").query_async(connection).await?;
    let field = |name: &str| {
        let mut fields = info.lines().filter_map(|line| line.split_once(':'));
        let found = fields.find(|(key, _)| *key == name);
        found.map_or("", |(_, value)| value.trim())
    };
    let policy = field("maxmemory_policy");
    if !matches!(policy, "" | "noeviction") && !matches!(field("maxmemory"), "" | "0") {
        report.add(kinds::STORE_EVICTS, format!("maxmemory-policy is {policy}"));
    }
    if field("aof_enabled") == "0" {
        let get = cmd("CONFIG").arg(&["GET", "save"]).to_owned();
        let (_, save): (String, String) = get.query_async(connection).await?;
        if save.is_empty() {
            let seen = "Redis writes nothing to disk (no appendonly, no save)";
            report.add(kinds::STORE_FORGETS, seen);
        }
    }
    Ok(())
}
