use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Uri};

use crate::answer::Answer;
use crate::error::Error;

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One request of the management API.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    /// Empty if there is none.
    pub(crate) body: Bytes,
}

/// Everything that the client waits for. Nothing else in it depends on a network,
/// a runtime or a timer, so a test can decide the order of all its steps.
pub(crate) trait Transport: Send + Sync {
    /// Sends the request once.
    fn exchange(&self, request: Request) -> BoxFuture<'_, Result<Answer, Error>>;

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}
