use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use nano_webhook_core::{Secret, UnixTime};
use tokio::net::{TcpListener, ToSocketAddrs};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access::Access;
use crate::api;
use crate::backoff::Backoff;
use crate::delivery::{Clock, Dispatcher, MOST_PENDING, Sender};
use crate::error::StartError;
use crate::history::History;
use crate::registry::Registry;
use crate::running::RunningSimulator;
use crate::server;

const KEPT_ATTEMPTS: usize = 1000;

/// A local Nano Banana Pro. See the [crate's documentation](crate) for what it
/// does and what of it is its own invention.
#[derive(Debug)]
pub struct Simulator(());

impl Simulator {
    /// A simulator with the default settings, not yet started.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::default()
    }
}

/// Settings of a simulator. From [`Simulator::builder`].
///
/// ```
/// use std::time::Duration;
/// use nano_webhook_simulator::{Job, Secret, Simulator};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let simulator = Simulator::builder()
///     .require_bearer(Secret::new("the key of the API")?)
///     .max_attempts(3)
///     .backoff(Duration::ZERO, Duration::ZERO)
///     .start("127.0.0.1:0")
///     .await?;
/// let report = simulator.trigger(Job::completed()).await?.finished().await;
/// assert!(report.deliveries.is_empty(), "nobody has subscribed");
/// simulator.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct SimulatorBuilder {
    access: Result<Access, StartError>,
    state_file: Option<PathBuf>,
    backoff: Backoff,
    delivery_timeout: Duration,
    concurrency: usize,
    anywhere: bool,
    grace: Duration,
    clock: Clock,
}

impl Default for SimulatorBuilder {
    fn default() -> Self {
        Self {
            access: Ok(Access::Open),
            state_file: None,
            backoff: Backoff {
                max_attempts: 5,
                base: Duration::from_secs(1),
                max: Duration::from_secs(30),
            },
            delivery_timeout: Duration::from_secs(10),
            concurrency: 16,
            anywhere: false,
            grace: Duration::from_secs(5),
            clock: Arc::new(UnixTime::now),
        }
    }
}

impl SimulatorBuilder {
    /// Asks every caller for `Authorization: Bearer <key>`. Default: nobody is
    /// asked for anything.
    pub fn require_bearer(mut self, key: Secret) -> Self {
        self.access = Ok(Access::Bearer(key));
        self
    }

    /// Asks every caller for the key in a header of this name.
    pub fn require_header(mut self, name: impl Into<String>, key: Secret) -> Self {
        let name = name.into();
        self.access = match name.parse() {
            Ok(name) => Ok(Access::Header { name, key }),
            Err(_) => Err(StartError::InvalidHeaderName { name }),
        };
        self
    }

    /// Keeps the webhooks in this file. Default: in memory.
    ///
    /// The secrets are in it, so it is made for its owner only. It is replaced
    /// as a whole with each change, so it is never half-written. One simulator
    /// at a time: two would overwrite each other's changes.
    pub fn state_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.state_file = Some(path.into());
        self
    }

    /// How many attempts a delivery has, the first one included. Default: 5. 0
    /// is read as 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.backoff.max_attempts = attempts;
        self
    }

    /// The wait before the second attempt, and the longest one; it doubles in
    /// between. Defaults: 1 and 30 seconds. The true wait is drawn at random
    /// between half of it and the whole.
    pub fn backoff(mut self, base: Duration, max: Duration) -> Self {
        self.backoff.base = base;
        self.backoff.max = max;
        self
    }

    /// How long an attempt may take, from connecting to the end of the answer.
    /// Default: 10 seconds.
    pub fn delivery_timeout(mut self, timeout: Duration) -> Self {
        self.delivery_timeout = timeout;
        self
    }

    /// How many attempts run at the same time. Default: 16. The rest waits.
    pub fn concurrency(mut self, attempts: usize) -> Self {
        self.concurrency = attempts;
        self
    }

    /// Delivers to any host. By default it delivers to this machine only: to
    /// loopback addresses, and to names that resolve to nothing else.
    ///
    /// With it, whoever may register a webhook makes this process send requests
    /// to any address that it can reach. Set
    /// [`require_bearer`](Self::require_bearer) as well.
    pub fn deliver_anywhere(mut self) -> Self {
        self.anywhere = true;
        self
    }

    /// How long [`RunningSimulator::shutdown`] waits for what runs. Default: 5
    /// seconds.
    pub fn shutdown_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// What time it is, for signatures and payloads. Default: the system's
    /// clock. With another one, a receiver sees a provider whose clock is wrong.
    pub fn clock(mut self, clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Starts to listen at this address. Port 0 picks a free one.
    ///
    /// # Errors
    /// [`StartError`] if it cannot listen there, the state file cannot be read,
    /// or a setting makes no sense.
    pub async fn start(self, addr: impl ToSocketAddrs) -> Result<RunningSimulator, StartError> {
        let access = self.access?;
        for (setting, is_zero) in [
            ("concurrency", self.concurrency == 0),
            ("delivery_timeout", self.delivery_timeout.is_zero()),
        ] {
            if is_zero {
                return Err(StartError::Zero { setting });
            }
        }
        let sender = Sender::new(self.anywhere, self.delivery_timeout).map_err(|error| {
            StartError::Http {
                source: Box::new(error),
            }
        })?;
        let registry = Arc::new(Registry::open(self.state_file).await?);
        let listen = |source| StartError::Listen { source };
        let listener = TcpListener::bind(addr).await.map_err(listen)?;
        let addr = listener.local_addr().map_err(listen)?;
        if !addr.ip().is_loopback() && matches!(access, Access::Open) {
            tracing::warn!(%addr, "other machines can reach this simulator, and it asks for no key");
        }
        let dispatcher = Arc::new(Dispatcher {
            registry,
            history: Arc::new(History::new(KEPT_ATTEMPTS)),
            sender,
            backoff: self.backoff,
            clock: self.clock,
            slots: Semaphore::new(self.concurrency.min(Semaphore::MAX_PERMITS)),
            pending: Arc::new(Semaphore::new(MOST_PENDING)),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            abort: CancellationToken::new(),
            last_id: AtomicU64::new(0),
        });
        let server = TaskTracker::new();
        server.spawn(server::serve(
            listener,
            api::router(Arc::clone(&dispatcher), access),
            dispatcher.stop.clone(),
            dispatcher.abort.clone(),
        ));
        server.close();
        Ok(RunningSimulator {
            addr,
            dispatcher,
            server,
            grace: self.grace,
        })
    }
}

impl fmt::Debug for SimulatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatorBuilder")
            .field("access", &self.access)
            .field("state_file", &self.state_file)
            .field("backoff", &self.backoff)
            .field("delivery_timeout", &self.delivery_timeout)
            .field("concurrency", &self.concurrency)
            .field("anywhere", &self.anywhere)
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}
