use std::env::{self, VarError};
use std::net::SocketAddr;
use std::time::Duration;

use nano_webhook_core::Verifier;
use nano_webhook_core::dedupe::Dedupe;
use nano_webhook_redis::{RedisStore, redis};
use nano_webhook_sqlx::{PostgresStore, SqliteStore};
use tokio::net::TcpListener;

use crate::secrets::Secrets;
use crate::{BoxError, Shutdown};

/// Replicas of one service share it; services must not. Name yours after account,
/// environment and endpoint.
const NAMESPACE: &str = "nano-webhook/examples/receiver";

/// The settings of a receiver.
#[derive(Debug)]
pub struct Settings {
    /// Where it listens for deliveries.
    pub addr: SocketAddr,
    /// Where it answers health checks. Not for the internet.
    pub admin_addr: SocketAddr,
    /// Verifies deliveries. Its secrets are replaced when their files change.
    pub verifier: Verifier,
    /// Handles each delivery once.
    pub dedupe: Dedupe,
    /// How long a connection may wait for its next request head. Longer than a load
    /// balancer keeps it, or the balancer sends a request into a closing connection.
    pub idle_timeout: Duration,
    /// How it stops.
    pub shutdown: Shutdown,
}

impl Settings {
    /// Reads the environment, and connects to the store that it names.
    ///
    /// # Errors
    /// A setting that is missing or cannot be read, or a store that does not answer.
    pub async fn from_env() -> Result<Self, BoxError> {
        Self::with_dedupe(dedupe().await?)
    }

    /// Reads the environment, but for the store.
    ///
    /// # Errors
    /// A setting that is missing or cannot be read.
    pub fn with_dedupe(dedupe: Dedupe) -> Result<Self, BoxError> {
        Ok(Self {
            addr: address("NANO_WEBHOOK_ADDR", 3000)?,
            admin_addr: address("NANO_WEBHOOK_ADMIN_ADDR", 9464)?,
            verifier: verifier()?,
            dedupe,
            idle_timeout: seconds("NANO_WEBHOOK_IDLE_TIMEOUT")?.unwrap_or(Duration::from_secs(75)),
            shutdown: shutdown()?,
        })
    }

    /// Opens the listener of the webhook.
    ///
    /// # Errors
    /// If the address is taken, or is not this machine's.
    pub async fn listen(&self) -> Result<TcpListener, BoxError> {
        let listener = TcpListener::bind(self.addr).await;
        Ok(listener.map_err(cannot_bind("NANO_WEBHOOK_ADDR", self.addr))?)
    }

    /// Opens the listener of the health checks.
    ///
    /// # Errors
    /// If the address is taken, or is not this machine's.
    pub async fn listen_admin(&self) -> Result<TcpListener, BoxError> {
        let listener = TcpListener::bind(self.admin_addr).await;
        Ok(listener.map_err(cannot_bind("NANO_WEBHOOK_ADMIN_ADDR", self.admin_addr))?)
    }
}

/// What to log when a listener cannot be opened.
pub fn cannot_bind(variable: &str, addr: SocketAddr) -> impl FnOnce(std::io::Error) -> String {
    move |error| format!("cannot listen on {addr}, set {variable} to another address: {error}")
}

fn verifier() -> Result<Verifier, BoxError> {
    let secrets = Secrets::from_env()?;
    let (current, previous) = secrets.read()?;
    let mut builder = Verifier::builder(current);
    for secret in previous {
        builder = builder.previous_secret(secret);
    }
    if let Some(tolerance) = seconds("NANO_WEBHOOK_TOLERANCE")? {
        builder = builder.tolerance(tolerance);
    }
    match optional("NANO_WEBHOOK_ACCEPT_RESERIALIZED")?.as_deref() {
        None | Some("0") => {}
        Some("1") => builder = builder.accept_reserialized(),
        Some(_) => return Err("NANO_WEBHOOK_ACCEPT_RESERIALIZED is neither 1 nor 0".into()),
    }
    let verifier = builder.build()?;
    secrets.watch(verifier.clone());
    Ok(verifier)
}

/// The store that outlives the process, if one is named.
async fn dedupe() -> Result<Dedupe, BoxError> {
    let redis = optional("NANO_WEBHOOK_REDIS_URL")?;
    let database = optional("NANO_WEBHOOK_DATABASE_URL")?;
    let builder = match (redis, database) {
        (None, None) => return Ok(Dedupe::in_memory()),
        (Some(_), Some(_)) => {
            return Err("set NANO_WEBHOOK_REDIS_URL or NANO_WEBHOOK_DATABASE_URL, not both".into());
        }
        (Some(url), None) => {
            // The error could quote the URL, which may hold a password.
            let client = redis::Client::open(url)
                .map_err(|_| "NANO_WEBHOOK_REDIS_URL is not the URL of a Redis")?;
            Dedupe::builder(RedisStore::connect(client).await?, NAMESPACE)
        }
        (None, Some(url)) if url.starts_with("sqlite:") => {
            Dedupe::builder(SqliteStore::connect(&url).await?, NAMESPACE)
        }
        (None, Some(url)) if url.starts_with("postgres:") || url.starts_with("postgresql:") => {
            Dedupe::builder(PostgresStore::connect(&url).await?, NAMESPACE)
        }
        (None, Some(_)) => {
            return Err("NANO_WEBHOOK_DATABASE_URL begins with sqlite: or postgres:".into());
        }
    };
    Ok(builder.build()?)
}

/// By default the whole shutdown ends within the 30 seconds after which Kubernetes
/// kills a process.
fn shutdown() -> Result<Shutdown, BoxError> {
    let drain_delay = seconds("NANO_WEBHOOK_DRAIN_DELAY")?.unwrap_or(Duration::from_secs(5));
    let timeout = seconds("NANO_WEBHOOK_SHUTDOWN_TIMEOUT")?.unwrap_or(Duration::from_secs(25));
    if drain_delay > timeout {
        return Err("NANO_WEBHOOK_DRAIN_DELAY is part of NANO_WEBHOOK_SHUTDOWN_TIMEOUT (25 by default), and cannot be longer".into());
    }
    Ok(Shutdown::new(drain_delay, timeout))
}

/// On the loopback interface by default: what is open to others is the user's choice.
fn address(variable: &str, default_port: u16) -> Result<SocketAddr, BoxError> {
    match optional(variable)? {
        None => Ok(SocketAddr::from(([127, 0, 0, 1], default_port))),
        Some(text) => Ok(text.parse().map_err(|_| {
            format!("{variable} is not an address and a port, as in 127.0.0.1:{default_port}")
        })?),
    }
}

fn seconds(variable: &str) -> Result<Option<Duration>, BoxError> {
    optional(variable)?
        .map(|text| match text.parse() {
            Ok(seconds) => Ok(Duration::from_secs(seconds)),
            Err(_) => Err(format!("{variable} is not a number of seconds").into()),
        })
        .transpose()
}

/// A variable that is set but empty counts as not set.
pub(crate) fn optional(variable: &str) -> Result<Option<String>, BoxError> {
    match env::var(variable) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        // The error itself would print the value, which may be a secret.
        Err(VarError::NotUnicode(_)) => Err(format!("{variable} is not Unicode text").into()),
    }
}
