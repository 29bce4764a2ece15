use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How a receiver stops: it reports that it is not ready while it still answers
/// deliveries, and then finishes what is in flight.
#[derive(Clone, Debug)]
pub struct Shutdown {
    stopping: Arc<AtomicBool>,
    drain_delay: Duration,
    timeout: Duration,
}

impl Shutdown {
    pub(crate) fn new(drain_delay: Duration, timeout: Duration) -> Self {
        Self {
            stopping: Arc::default(),
            drain_delay,
            timeout,
        }
    }

    /// Whether new deliveries should be sent to this receiver. False from the signal on.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.stopping.load(Ordering::Relaxed)
    }

    /// Resolves when the receiver has to stop accepting requests: the drain delay after
    /// SIGTERM, so that a load balancer can send deliveries elsewhere first, or at once
    /// after Ctrl-C. Gives the moment until which deliveries in flight may be finished.
    ///
    /// # Errors
    /// If the signal cannot be listened for.
    pub fn begun(&self) -> std::io::Result<impl Future<Output = Instant> + use<>> {
        #[cfg(unix)]
        let mut terminate = {
            use tokio::signal::unix::{SignalKind, signal};
            signal(SignalKind::terminate())?
        };
        let shutdown = self.clone();
        Ok(async move {
            #[cfg(unix)]
            let terminated = async {
                terminate.recv().await;
            };
            #[cfg(not(unix))]
            let terminated = std::future::pending::<()>();
            let drain_delay = tokio::select! {
                _ = tokio::signal::ctrl_c() => Duration::ZERO,
                () = terminated => shutdown.drain_delay,
            };
            let deadline = Instant::now() + shutdown.timeout;
            shutdown.stopping.store(true, Ordering::Relaxed);
            tracing::info!(?drain_delay, "shutting down: not ready for new deliveries");
            sleep(drain_delay).await;
            tracing::info!("shutting down: finishing the deliveries in flight");
            deadline
        })
    }
}
