use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;

/// A boxed future.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What the page's buttons do. Without tools the page only shows.
pub trait Tools: Send + Sync + 'static {
    /// Sends a delivery to the receiver.
    ///
    /// # Errors
    /// Why none was sent or no answer came, in words. The text contains no secret.
    fn send(&self, order: Order) -> BoxFuture<'_, Result<Sent, String>>;

    /// Whether [`trigger`](Self::trigger) has a simulator.
    fn has_simulator(&self) -> bool;

    /// Makes a job end with this event in a running simulator.
    ///
    /// # Errors
    /// Why no job has ended, in words.
    fn trigger(&self, event: String) -> BoxFuture<'_, Result<Triggered, String>>;
}

/// A delivery to send.
#[derive(Debug)]
#[non_exhaustive]
pub struct Order {
    /// The path of the receiver to send it to.
    pub path: String,
    /// What the copy is, for [`Record::note`](crate::Record::note).
    pub note: String,
    /// Its content.
    pub content: OrderContent,
}

/// The content of a delivery to send.
#[derive(Debug)]
#[non_exhaustive]
pub enum OrderContent {
    /// A new event of this name, signed now.
    Event(String),
    /// This body, signed now.
    Signed(Bytes),
    /// This body with these headers, and no new signature.
    AsGiven {
        /// Names and values, in their order.
        headers: Vec<(String, Vec<u8>)>,
        /// The body.
        body: Bytes,
    },
}

/// The answer to a delivery that was sent.
#[derive(Debug)]
pub struct Sent {
    /// The HTTP status.
    pub status: u16,
    /// The body of the answer.
    pub body: Bytes,
    /// From the connection to the end of the answer.
    pub took: Duration,
}

/// A job that has ended in the simulator.
#[derive(Debug, Serialize)]
pub struct Triggered {
    /// The event.
    pub event: String,
    /// The task.
    pub task_id: String,
    /// How many webhooks get a delivery.
    pub deliveries: usize,
}
