use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body::{Body as _, Frame, SizeHint};

/// A request's body that leaves a copy of what was read of it. Whoever reads it
/// may stop early, as the verification does when a header is wrong; what is left
/// can then be read from the [`Capture`].
pub(super) struct Captured {
    body: Option<Body>,
    capture: Arc<Mutex<Seen>>,
}

/// The copy.
pub(super) struct Capture(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    bytes: BytesMut,
    /// What was not read, once the reader is gone.
    rest: Option<Body>,
    is_complete: bool,
}

/// Everything that came of a body.
#[derive(Clone, Debug)]
pub(super) struct RawBody {
    pub(super) bytes: Bytes,
    /// Whether that is all of it.
    pub(super) is_complete: bool,
}

impl Captured {
    pub(super) fn new(body: Body) -> (Self, Capture) {
        let capture = Arc::default();
        let captured = Self {
            body: Some(body),
            capture: Arc::clone(&capture),
        };
        (captured, Capture(capture))
    }
}

impl http_body::Body for Captured {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = self.body.as_mut() else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(data) = frame.data_ref() {
                    lock(&self.capture).bytes.extend_from_slice(data);
                }
            }
            Poll::Ready(None) => lock(&self.capture).is_complete = true,
            Poll::Ready(Some(Err(_))) => self.body = None,
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

impl Drop for Captured {
    fn drop(&mut self) {
        lock(&self.capture).rest = self.body.take();
    }
}

impl Capture {
    /// Reads what is left, up to so many bytes in all and for so long.
    pub(super) async fn finish(self, limit: usize, patience: Duration) -> RawBody {
        let (mut bytes, rest, mut is_complete) = {
            let mut seen = lock(&self.0);
            (
                std::mem::take(&mut seen.bytes),
                seen.rest.take(),
                seen.is_complete,
            )
        };
        if let Some(mut rest) = rest.filter(|_| !is_complete) {
            let read = async {
                while bytes.len() <= limit {
                    let next =
                        std::future::poll_fn(|context| Pin::new(&mut rest).poll_frame(context));
                    match next.await {
                        Some(Ok(frame)) => {
                            if let Some(data) = frame.data_ref() {
                                bytes.extend_from_slice(data);
                            }
                        }
                        Some(Err(_)) => return false,
                        None => return true,
                    }
                }
                false
            };
            is_complete = tokio::time::timeout(patience, read).await.unwrap_or(false);
        }
        RawBody {
            bytes: bytes.freeze(),
            is_complete,
        }
    }
}

fn lock(capture: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    // Nothing that holds the lock can leave it half-changed.
    capture.lock().unwrap_or_else(PoisonError::into_inner)
}
