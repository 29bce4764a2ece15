use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// The body that an inner service reads: the signed bytes, all there.
///
/// It is what was **signed**, so it is safe to read again. With re-serialised
/// bodies accepted, that is not always what was sent.
#[derive(Clone, Debug, Default)]
pub struct VerifiedBody(Bytes);

impl VerifiedBody {
    pub(crate) fn new(body: Bytes) -> Self {
        Self(body)
    }

    /// What is left of it: everything, unless it was polled.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl Body for VerifiedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let body = std::mem::take(&mut self.0);
        Poll::Ready((!body.is_empty()).then(|| Ok(Frame::data(body))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.len() as u64)
    }
}
