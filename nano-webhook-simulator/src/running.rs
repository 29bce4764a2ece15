use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use nano_webhook_core::Secret;

use crate::attempt::Attempt;
use crate::delivery::Dispatcher;
use crate::error::Error;
use crate::history::AttemptStream;
use crate::job::Job;
use crate::lifecycle::Phase;
use crate::registry::Webhook;
use crate::report::Triggered;

/// A simulator that serves and delivers.
///
/// [`shutdown`](Self::shutdown) lets running requests and attempts finish;
/// dropping it cancels them.
pub struct RunningSimulator {
    pub(crate) addr: SocketAddr,
    pub(crate) dispatcher: Arc<Dispatcher>,
    pub(crate) grace: Duration,
}

impl RunningSimulator {
    /// The address it listens at.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The base URL for a client on this machine, for example
    /// `http://127.0.0.1:4010`.
    pub fn base_url(&self) -> String {
        let mut addr = self.addr;
        // A client cannot connect to the address that stands for all.
        match addr.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => addr.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => addr.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        format!("http://{addr}")
    }

    /// The registered webhooks, the oldest first.
    pub async fn webhooks(&self) -> Vec<Webhook> {
        self.dispatcher.registry.list()
    }

    /// Registers a webhook, as `POST /api/v1/webhooks` does.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if the URL or an event
    /// is invalid, or 1,000 webhooks are registered.
    pub async fn register<E: Into<String>>(
        &self,
        url: impl Into<String>,
        events: impl IntoIterator<Item = E>,
        secret: Option<Secret>,
    ) -> Result<Webhook, Error> {
        let events = events.into_iter().map(Into::into).collect();
        self.dispatcher.registry.create(url.into(), events, secret)
    }

    /// Deletes a webhook, as `DELETE /api/v1/webhooks/{id}` does.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if no webhook has this
    /// id.
    pub async fn delete(&self, id: u64) -> Result<(), Error> {
        self.dispatcher.registry.delete(id)
    }

    /// Changes the status of a webhook. Only `active` webhooks get deliveries.
    /// The provider documents no way to do this.
    ///
    /// # Errors
    /// As for [`delete`](Self::delete), and
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if the status is empty.
    pub async fn set_status(&self, id: u64, status: impl Into<String>) -> Result<Webhook, Error> {
        self.dispatcher.registry.set_status(id, status.into())
    }

    /// Ends a job: delivers its event to every active webhook that subscribes to
    /// it. Returns at once; [`Triggered::finished`] waits for the outcome.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if a field of the job is
    /// invalid, [`ErrorKind::Busy`](crate::ErrorKind::Busy) if more than 10,000
    /// deliveries would be pending.
    pub async fn trigger(&self, job: Job) -> Result<Triggered, Error> {
        self.dispatcher.trigger(&job)
    }

    /// The latest attempts, at most 1,000, the oldest first.
    pub fn attempts(&self) -> Vec<Attempt> {
        self.dispatcher.history.after(0)
    }

    /// The attempts that end from now on.
    pub fn watch(&self) -> AttemptStream {
        self.dispatcher.history.watch()
    }

    /// Stops accepting connections and starting attempts, cancels the deliveries
    /// that wait for their next attempt, and lets running requests and attempts
    /// finish. Cancels what still runs after the grace period
    /// ([`SimulatorBuilder::shutdown_grace`](crate::SimulatorBuilder::shutdown_grace)).
    pub async fn shutdown(self) {
        let phase = &self.dispatcher.phase;
        phase.send_replace(Phase::Stopping);
        if (tokio::time::timeout(self.grace, phase.closed()).await).is_err() {
            phase.send_replace(Phase::Aborted);
            phase.closed().await;
        }
    }
}

impl Drop for RunningSimulator {
    fn drop(&mut self) {
        self.dispatcher.phase.send_replace(Phase::Aborted);
        self.dispatcher.history.close();
    }
}

impl fmt::Debug for RunningSimulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RunningSimulator");
        shown.field("addr", &self.addr).finish_non_exhaustive()
    }
}
