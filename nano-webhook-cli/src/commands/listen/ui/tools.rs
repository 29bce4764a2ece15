use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::header::HeaderName;
use nano_webhook_core::Secret;
use nano_webhook_inspector::{BoxFuture, Order, Sent, Tools, Triggered};
use nano_webhook_simulator::{Control, Job};

use super::super::record::Record;
use super::super::{FORWARD_TIMEOUT, LONGEST_ANSWER};
use crate::commands::send::{self, Prepared};
use crate::commands::trigger;
use crate::exit::Failure;
use crate::http::Target;
use crate::text::printable;

/// What the page sends goes to the command's own receiver, and there it is recorded.
pub(super) struct ListenTools {
    /// Its base URL.
    pub(super) receiver: String,
    pub(super) secret: Secret,
    pub(super) notes: Arc<Notes>,
    /// With its base URL.
    pub(super) simulator: Option<(Control, String)>,
}

impl Tools for ListenTools {
    fn send(&self, order: Order) -> BoxFuture<'_, Result<Sent, String>> {
        Box::pin(async move { self.post(order).await.map_err(|failure| failure.message) })
    }

    fn has_simulator(&self) -> bool {
        self.simulator.is_some()
    }

    fn trigger(&self, event: String) -> BoxFuture<'_, Result<Triggered, String>> {
        Box::pin(async move {
            let (control, url) = self.simulator.as_ref().ok_or("no --simulator was given")?;
            let job = match event.as_str() {
                "job.completed" => Job::completed(),
                "job.failed" => Job::failed(),
                _ => return Err("a job ends with job.completed or job.failed".to_owned()),
            };
            let report = control.trigger(&job).await;
            let report = report.map_err(|error| trigger::explain(&error, url).message)?;
            Ok(Triggered {
                event: report.event,
                task_id: report.task_id,
                deliveries: report.deliveries.len(),
            })
        })
    }
}

impl ListenTools {
    async fn post(&self, order: Order) -> Result<Sent, Failure> {
        let Prepared { mut headers, body } = send::prepare(order.content, &self.secret)?;
        let url = format!("{}{}", self.receiver, order.path);
        // Its own address, which need not be one of this machine only.
        let target = Target::new(&url, true, FORWARD_TIMEOUT, LONGEST_ANSWER)?;
        let key = self.notes.add(order.note);
        headers.insert(NOTE, key.into());
        let answer = target.post(&headers, &body).await;
        self.notes.remove(key);
        let answer = answer?;
        Ok(Sent {
            status: answer.status.as_u16(),
            body: answer.body,
            took: answer.elapsed,
        })
    }
}

/// The base URL at which this machine reaches a listener.
pub(super) fn own_url(addr: SocketAddr) -> String {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, addr.port()))
}

/// In a request of the page: the key of its note. The receiver takes it out, so it is
/// neither recorded nor passed on.
const NOTE: HeaderName = HeaderName::from_static("x-nano-webhook-note");

/// The notes of what the page has sent and what has not arrived yet.
#[derive(Default)]
pub(super) struct Notes(Mutex<HashMap<u64, String>>);

impl Notes {
    fn add(&self, note: String) -> u64 {
        let key = fastrand::u64(..);
        self.lock().insert(key, printable(&note));
        key
    }

    fn remove(&self, key: u64) -> Option<String> {
        self.lock().remove(&key)
    }

    /// Moves the note of a delivery that arrives into its record.
    pub(super) fn take(&self, record: &mut Record) {
        let is_note = |(name, _): &(String, Vec<u8>)| name == NOTE.as_str();
        let Some(position) = record.headers.iter().position(is_note) else {
            return;
        };
        let key = std::str::from_utf8(&record.headers.remove(position).1).map(str::parse);
        let key = key.ok().and_then(Result::ok);
        record.facts.note = key.and_then(|key| self.remove(key));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
