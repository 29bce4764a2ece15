use nano_webhook_sqlx::sqlx::{self, PgPool, SqlitePool};
use nano_webhook_test_kit::{PostgresServer, RedisServer};
use tempfile::TempDir;

/// What keeps the records, with what must live as long.
pub(crate) enum Server {
    Memory,
    Sqlite(SqlitePool, #[expect(dead_code)] TempDir),
    Postgres(PgPool, #[expect(dead_code)] Box<PostgresServer>),
    Redis(Vec<RedisServer>),
}

impl Server {
    /// What all records take.
    pub(crate) async fn bytes(&self) -> Result<f64, sqlx::Error> {
        let bytes: i64 = match self {
            Self::Memory => return Ok(resident()),
            Self::Sqlite(pool, _) => {
                let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
                sqlx::query_scalar(sql).fetch_one(pool).await?
            }
            Self::Postgres(pool, _) => {
                let sql = "SELECT pg_total_relation_size('nano_webhook_claims')";
                sqlx::query_scalar(sql).fetch_one(pool).await?
            }
            Self::Redis(nodes) => return Ok(info(nodes, "used_memory:").await),
        };
        Ok(bytes as f64)
    }

    /// How often it has read from a socket.
    pub(crate) async fn reads(&self) -> Option<f64> {
        match self {
            Self::Redis(nodes) => Some(info(nodes, "total_reads_processed:").await),
            _ => None,
        }
    }
}

/// A field of all nodes together.
async fn info(nodes: &[RedisServer], field: &str) -> f64 {
    let mut sum = 0.0;
    for node in nodes {
        let info = node.command(&["INFO", "all"]).await;
        let value = info.lines().find_map(|line| line.strip_prefix(field));
        sum += value.map_or(f64::NAN, |value| value.trim().parse().unwrap_or(f64::NAN));
    }
    sum
}

/// The memory of this process, in bytes. On Linux only.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = field.and_then(|text| text.trim().strip_suffix(" kB")?.parse().ok());
    kibibytes.map_or(f64::NAN, |kibibytes: f64| kibibytes * 1024.0)
}
