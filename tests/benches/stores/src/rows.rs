//! What is measured.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use nano_webhook_core::dedupe::MemoryStore;
use nano_webhook_redis::{RedisStore, RedisStoreBuilder};
use nano_webhook_sqlx::sqlx::{self, PgPool, SqlitePool};
use nano_webhook_sqlx::{PostgresStore, SqliteStore};
use nano_webhook_test_kit::{Fault, PostgresServer, Proxy, RedisServer};
use redis::cluster::ClusterClientBuilder;

use crate::cluster::Cluster;
use crate::load::{Handle, run};
use crate::redis_calls::{Calls, library};
use crate::server::Server;

pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// Replicas, each with its own connections.
    pub(crate) stores: Vec<Store>,
    pub(crate) server: Arc<Server>,
    /// Of each remembered delivery.
    pub(crate) bytes: f64,
    /// Where the server does not count them.
    pub(crate) round_trips: Option<f64>,
}

type Store = Arc<dyn Handle>;
type Rows = Result<Vec<Row>, Box<dyn Error>>;

/// Every store with this many deliveries remembered.
pub(crate) async fn rows(remembered: usize) -> Rows {
    let mut rows = memory(remembered).await?;
    rows.extend(sqlite(remembered).await?);
    rows.extend(postgres(remembered).await?);
    rows.extend(redis(remembered).await?);
    rows.extend(cluster(remembered).await?);
    Ok(rows)
}

async fn memory(remembered: usize) -> Rows {
    let store: Store = Arc::new(MemoryStore::with_capacity(remembered)?);
    let bytes = fill(&Server::Memory, &store, remembered).await?;
    Ok(table(Server::Memory, bytes, [("memory", vec![store])]))
}

async fn sqlite(remembered: usize) -> Rows {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("webhooks.db")).await?;
    let pool = SqlitePool::connect_with(store.connect_options()).await?;
    let server = Server::Sqlite(pool, folder);
    let store: Store = Arc::new(store);
    let bytes = fill(&server, &store, remembered).await?;
    Ok(table(server, bytes, [("SQLite", vec![store])]))
}

async fn postgres(remembered: usize) -> Rows {
    let postgres = PostgresServer::start().await;
    let url = postgres.url();
    let round_trips = postgres_round_trips(&postgres).await?;
    let pool = PgPool::connect(&url).await?;
    let server = Server::Postgres(pool.clone(), Box::new(postgres));
    // While it is filled, commits need not wait for the disk.
    let role = "ALTER ROLE app SET synchronous_commit = off";
    sqlx::query(role).execute(&pool).await?;
    let filling: Store = Arc::new(PostgresStore::connect(&url).await?);
    let bytes = fill(&server, &filling, remembered).await?;
    let role = "ALTER ROLE app RESET synchronous_commit";
    sqlx::query(role).execute(&pool).await?;
    sqlx::query("CHECKPOINT").execute(&pool).await?;
    let mut stores: Vec<Store> = Vec::new();
    for _ in 0..4 {
        stores.push(Arc::new(PostgresStore::connect(&url).await?));
    }
    let rows = [
        ("Postgres", stores[..1].to_vec()),
        ("Postgres, two replicas", stores[..2].to_vec()),
        ("Postgres, four replicas", stores),
    ];
    let mut rows = table(server, bytes, rows);
    rows[0].round_trips = Some(round_trips);
    Ok(rows)
}

async fn redis(remembered: usize) -> Rows {
    let redis = RedisServer::start().await;
    let client = redis::Client::open(redis.url())?;
    let loaded = redis.command(&["FUNCTION", "LOAD", &library()]).await;
    assert!(loaded.contains("nano_webhook"), "{loaded}");
    let mut stores: Vec<Store> = Vec::new();
    for _ in 0..4 {
        stores.push(Arc::new(builder().connect(client.clone()).await?));
    }
    let connection = client.get_multiplexed_async_connection().await?;
    let calls = |by_function| -> Vec<Store> {
        let connection = connection.clone();
        vec![Arc::new(builder().build(Calls {
            connection,
            by_function,
        }))]
    };
    let server = Server::Redis(vec![redis]);
    let bytes = fill(&server, &stores[0], remembered).await?;
    let rows = [
        ("Redis", stores[..1].to_vec()),
        ("Redis, two replicas", stores[..2].to_vec()),
        ("Redis, four replicas", stores),
        ("Redis, EVALSHA", calls(false)),
        ("Redis, FCALL", calls(true)),
    ];
    Ok(table(server, bytes, rows))
}

async fn cluster(remembered: usize) -> Rows {
    let nodes = Cluster::start().await.nodes;
    let client = ClusterClientBuilder::new([nodes[0].url()]).build()?;
    let store: Store = Arc::new(builder().build(client.get_async_connection().await?));
    let server = Server::Redis(nodes);
    let bytes = fill(&server, &store, remembered).await?;
    Ok(table(
        server,
        bytes,
        [("Redis cluster of three", vec![store])],
    ))
}

/// On a loaded machine, a measurement goes on.
fn builder() -> RedisStoreBuilder {
    RedisStore::builder().response_timeout(Duration::from_secs(20))
}

fn table<const ROWS: usize>(
    server: Server,
    bytes: f64,
    rows: [(&'static str, Vec<Store>); ROWS],
) -> Vec<Row> {
    let server = Arc::new(server);
    let row = |(name, stores)| Row {
        name,
        stores,
        server: Arc::clone(&server),
        bytes,
        round_trips: None,
    };
    rows.map(row).into()
}

/// Bytes of each delivery.
async fn fill(server: &Server, store: &Store, remembered: usize) -> Result<f64, sqlx::Error> {
    let (began, before) = (Instant::now(), server.bytes().await?);
    for _ in 0..10 {
        let load = run(&[Arc::clone(store)], 512, times(remembered / 10)).await;
        assert_eq!(load.failed, 0, "the store could not be filled");
        // Autovacuum does so once a fifth of a table has changed.
        if let Server::Postgres(pool, _) = server {
            sqlx::query("VACUUM nano_webhook_claims")
                .execute(pool)
                .await?;
        }
    }
    eprintln!("filled a store in {:.0?}", began.elapsed());
    Ok((server.bytes().await? - before) / remembered as f64)
}

/// Of a claim with its completion: how many answers arrive.
async fn postgres_round_trips(server: &PostgresServer) -> Result<f64, Box<dyn Error>> {
    static ANSWERS: AtomicUsize = AtomicUsize::new(0);
    let proxy = Proxy::start(server.address()).await;
    proxy.state().fault = Fault::Rewrite(|bytes| {
        ANSWERS.fetch_add(1, Ordering::Relaxed);
        bytes.to_vec()
    });
    let (direct, through) = (server.address().to_string(), proxy.address().to_string());
    let url = server.url().replace(&direct, &through);
    let store: Store = Arc::new(PostgresStore::connect(&url).await?);
    // The first delivery prepares the statements.
    run(&[Arc::clone(&store)], 1, times(1)).await;
    let before = ANSWERS.load(Ordering::Relaxed);
    run(&[store], 1, times(100)).await;
    Ok((ANSWERS.load(Ordering::Relaxed) - before) as f64 / 100.0)
}

/// True so many times.
fn times(number: usize) -> impl Fn() -> bool + Send + Sync + 'static {
    let asked = AtomicUsize::new(0);
    move || asked.fetch_add(1, Ordering::Relaxed) < number
}
