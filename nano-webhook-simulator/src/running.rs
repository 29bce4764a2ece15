use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use nano_webhook_core::Secret;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::attempt::Attempt;
use crate::delivery::Dispatcher;
use crate::error::{RegisterError, TriggerError};
use crate::history::AttemptStream;
use crate::job::Job;
use crate::registry::Webhook;
use crate::report::{DeliveryOutcome, DeliveryReport, JobReport};

/// A simulator that serves and delivers.
///
/// Dropping it cuts everything off; [`shutdown`](Self::shutdown) lets what runs
/// come to its end.
pub struct RunningSimulator {
    pub(crate) addr: SocketAddr,
    pub(crate) dispatcher: Arc<Dispatcher>,
    pub(crate) server: TaskTracker,
    pub(crate) grace: Duration,
}

impl RunningSimulator {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The base URL for a client on this machine, for example
    /// `http://127.0.0.1:4010`.
    #[must_use]
    pub fn base_url(&self) -> String {
        let mut addr = self.addr;
        // One can listen at all addresses, but not connect to them.
        if addr.ip().is_unspecified() {
            addr.set_ip(match addr {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        format!("http://{addr}")
    }

    /// The registered webhooks, the oldest first.
    pub async fn webhooks(&self) -> Vec<Webhook> {
        self.dispatcher.registry.list().await
    }

    /// Registers a webhook, as `POST /api/v1/webhooks` does.
    ///
    /// # Errors
    /// [`RegisterError`] if the URL or an event is wrong, or the state file
    /// cannot be written.
    pub async fn register<E: Into<String>>(
        &self,
        url: impl Into<String>,
        events: impl IntoIterator<Item = E>,
        secret: Option<Secret>,
    ) -> Result<Webhook, RegisterError> {
        let events = events.into_iter().map(Into::into).collect();
        (self.dispatcher.registry)
            .create(url.into(), events, secret)
            .await
    }

    /// Deletes a webhook, as `DELETE /api/v1/webhooks/{id}` does.
    ///
    /// # Errors
    /// [`RegisterError`] if there is none with this id, or the state file cannot
    /// be written.
    pub async fn delete(&self, id: u64) -> Result<(), RegisterError> {
        self.dispatcher.registry.delete(id).await
    }

    /// Changes the status of a webhook. Only `active` delivers. The provider
    /// documents no way to do this.
    ///
    /// # Errors
    /// As for [`delete`](Self::delete).
    pub async fn set_status(
        &self,
        id: u64,
        status: impl Into<String>,
    ) -> Result<Webhook, RegisterError> {
        self.dispatcher.registry.set_status(id, status.into()).await
    }

    /// Ends a job: its event goes to every active webhook that subscribes to
    /// it. Returns at once; await [`Triggered::finished`] for the outcome.
    ///
    /// # Errors
    /// [`TriggerError`] if the job makes no sense, or too many deliveries are
    /// waiting.
    pub async fn trigger(&self, job: Job) -> Result<Triggered, TriggerError> {
        self.dispatcher.trigger(job).await
    }

    /// The latest attempts, at most 1,000, the oldest first.
    #[must_use]
    pub fn attempts(&self) -> Vec<Attempt> {
        self.dispatcher.history.after(0)
    }

    /// The attempts that end from now on.
    #[must_use]
    pub fn watch(&self) -> AttemptStream {
        self.dispatcher.history.watch()
    }

    /// Stops: no connection is taken and no attempt begins any more, deliveries
    /// that wait for their next attempt are cancelled, and requests and
    /// attempts that run may finish within the grace
    /// ([`SimulatorBuilder::shutdown_grace`](crate::SimulatorBuilder::shutdown_grace)).
    pub async fn shutdown(self) {
        let Dispatcher {
            stop, abort, tasks, ..
        } = &*self.dispatcher;
        stop.cancel();
        tasks.close();
        let finished = async {
            tasks.wait().await;
            self.server.wait().await;
        };
        if tokio::time::timeout(self.grace, finished).await.is_err() {
            abort.cancel();
            tasks.wait().await;
            self.server.wait().await;
        }
    }
}

impl Drop for RunningSimulator {
    fn drop(&mut self) {
        self.dispatcher.stop.cancel();
        self.dispatcher.abort.cancel();
        self.dispatcher.history.close();
    }
}

impl fmt::Debug for RunningSimulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningSimulator")
            .field("addr", &self.addr)
            .finish_non_exhaustive()
    }
}

/// The deliveries of a job's end.
#[derive(Debug)]
pub struct Triggered {
    event: &'static str,
    task_id: String,
    deliveries: Vec<watch::Receiver<DeliveryReport>>,
}

impl Triggered {
    pub(crate) fn new(
        event: &'static str,
        task_id: String,
        deliveries: Vec<watch::Receiver<DeliveryReport>>,
    ) -> Self {
        Self {
            event,
            task_id,
            deliveries,
        }
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> &str {
        self.event
    }

    /// The task.
    #[must_use]
    pub fn task_id(&self) -> &str {
        &self.task_id
    }

    /// How things stand now.
    #[must_use]
    pub fn report(&self) -> JobReport {
        self.report_of(self.deliveries.iter().map(|report| report.borrow().clone()))
    }

    /// Waits until every delivery has ended, with all its retries.
    pub async fn finished(&mut self) -> JobReport {
        for delivery in &mut self.deliveries {
            let ended = |report: &DeliveryReport| report.outcome != DeliveryOutcome::Pending;
            // The other end sets the outcome before it goes.
            let _ = delivery.wait_for(ended).await;
        }
        self.report()
    }

    fn report_of(&self, deliveries: impl Iterator<Item = DeliveryReport>) -> JobReport {
        JobReport {
            event: self.event.to_owned(),
            task_id: self.task_id.clone(),
            deliveries: deliveries.collect(),
        }
    }
}
