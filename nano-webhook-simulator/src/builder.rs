use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::http::header::AUTHORIZATION;
use nano_webhook_core::{Secret, UnixTime};
use nano_webhook_fetch::Reach;
use tokio::net::{TcpListener, ToSocketAddrs};
use tokio::sync::{Semaphore, watch};

use crate::access::Access;
use crate::api;
use crate::backoff::Backoff;
use crate::delivery::{Clock, Dispatcher, MAX_PENDING};
use crate::error::{Error, ErrorKind};
use crate::history::History;
use crate::http;
use crate::lifecycle::Phase;
use crate::registry::Registry;
use crate::running::RunningSimulator;

/// A local Nano Banana Pro. The [crate's documentation](crate) says which parts
/// follow the provider's page.
#[derive(Debug)]
pub struct Simulator(());

impl Simulator {
    /// A simulator with the default settings, not yet started.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder {
            access: Ok(Access::Open),
            backoff: Backoff {
                max_attempts: 5,
                base: Duration::from_secs(1),
                max: Duration::from_secs(30),
            },
            delivery_timeout: Duration::from_secs(10),
            concurrency: 16,
            reach: Reach::Loopback,
            grace: Duration::from_secs(5),
            clock: Arc::new(UnixTime::now),
        }
    }
}

/// Settings of a simulator. From [`Simulator::builder`].
#[must_use]
pub struct SimulatorBuilder {
    access: Result<Access, Error>,
    backoff: Backoff,
    delivery_timeout: Duration,
    concurrency: usize,
    reach: Reach,
    grace: Duration,
    clock: Clock,
}

impl SimulatorBuilder {
    /// Requires `Authorization: Bearer <key>` from every caller. Default: no key
    /// is required, and the `Host` of a request must be an IP address or
    /// `localhost`.
    pub fn require_bearer(mut self, key: Secret) -> Self {
        let (name, scheme) = (AUTHORIZATION, "Bearer ");
        self.access = Ok(Access::Key { name, scheme, key });
        self
    }

    /// Requires the key in the header of this name from every caller.
    pub fn require_header(mut self, name: impl Into<String>, key: Secret) -> Self {
        let (name, scheme) = (name.into(), "");
        self.access = match name.parse() {
            Ok(name) => Ok(Access::Key { name, scheme, key }),
            Err(_) => Err(Error::invalid(format!("{name:?} is not a header name"))),
        };
        self
    }

    /// The number of attempts of a delivery, the first one included. Default: 5.
    /// 0 means 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.backoff.max_attempts = attempts;
        self
    }

    /// The wait before the second attempt, and the longest wait; the wait doubles
    /// in between. Defaults: 1 and 30 seconds. The actual wait is drawn at random
    /// between half and all of it.
    pub fn backoff(mut self, base: Duration, max: Duration) -> Self {
        (self.backoff.base, self.backoff.max) = (base, max);
        self
    }

    /// The time limit of an attempt, from connecting to the end of the answer.
    /// Default: 10 seconds.
    pub fn delivery_timeout(mut self, timeout: Duration) -> Self {
        self.delivery_timeout = timeout;
        self
    }

    /// The number of attempts that run at the same time. Default: 16. Further
    /// attempts wait.
    pub fn concurrency(mut self, attempts: usize) -> Self {
        self.concurrency = attempts;
        self
    }

    /// Delivers to any host. Default: to this machine only, which means loopback
    /// addresses and names that resolve to nothing else.
    ///
    /// Every caller who can register a webhook can then make this process send
    /// requests to any address that it can reach. Set
    /// [`require_bearer`](Self::require_bearer) as well.
    pub fn deliver_anywhere(mut self) -> Self {
        self.reach = Reach::Anywhere;
        self
    }

    /// The time that [`RunningSimulator::shutdown`] gives running requests and
    /// attempts. Default: 5 seconds.
    pub fn shutdown_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// The clock for signatures and payloads. Default: the system clock. With
    /// another one, receivers see a provider whose clock is wrong.
    pub fn clock(mut self, clock: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Listens at this address. Port 0 picks a free port.
    ///
    /// # Errors
    /// [`ErrorKind::Start`] if it cannot listen there or TLS cannot be set up,
    /// [`ErrorKind::Invalid`] if a setting is invalid.
    pub async fn start(self, addr: impl ToSocketAddrs) -> Result<RunningSimulator, Error> {
        let access = self.access?;
        for (setting, is_zero) in [
            ("concurrency", self.concurrency == 0),
            ("delivery_timeout", self.delivery_timeout.is_zero()),
        ] {
            if is_zero {
                return Err(Error::invalid(format!("{setting} must not be zero")));
            }
        }
        let listen = |source: std::io::Error| {
            Error::new(ErrorKind::Start, "the simulator cannot listen").because(source)
        };
        let listener = TcpListener::bind(addr).await.map_err(listen)?;
        let addr = listener.local_addr().map_err(listen)?;
        if !addr.ip().is_loopback() && matches!(access, Access::Open) {
            tracing::warn!(%addr, "other machines can reach this simulator and need no key");
        }
        let dispatcher = Arc::new(Dispatcher {
            registry: Registry::default(),
            history: History::default(),
            http: http::client(self.reach)?,
            timeout: self.delivery_timeout,
            backoff: self.backoff,
            clock: self.clock,
            slots: Semaphore::new(self.concurrency.min(Semaphore::MAX_PERMITS)),
            pending: Arc::new(Semaphore::new(MAX_PENDING)),
            phase: watch::Sender::new(Phase::Running),
            next_id: AtomicU64::new(1),
        });
        let router = api::router(Arc::clone(&dispatcher), access);
        let phase = dispatcher.phase.subscribe();
        tokio::spawn(api::serve(listener, router, phase));
        Ok(RunningSimulator {
            addr,
            dispatcher,
            grace: self.grace,
        })
    }
}

impl fmt::Debug for SimulatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("SimulatorBuilder");
        shown.field("access", &self.access).finish_non_exhaustive()
    }
}
