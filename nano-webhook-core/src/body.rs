use bytes::{Bytes, BytesMut};

use crate::error::WebhookError;

/// The body of a request as it arrives. It holds what has come and not more: a
/// `Content-Length` reserves nothing, or every connection could claim the limit
/// with one header.
#[derive(Default)]
pub(crate) struct BodyBuffer(State);

#[derive(Default)]
enum State {
    #[default]
    Empty,
    /// The usual case: kept as it came, never copied.
    One(Bytes),
    Many(BytesMut),
}

impl BodyBuffer {
    pub(crate) fn len(&self) -> usize {
        match &self.0 {
            State::Empty => 0,
            State::One(chunk) => chunk.len(),
            State::Many(chunks) => chunks.len(),
        }
    }

    /// Whether a chunk may be added.
    pub(crate) fn check(&self, chunk: &Bytes, limit: usize) -> Result<(), WebhookError> {
        if chunk.len() > limit.saturating_sub(self.len()) {
            return Err(WebhookError::BodyTooLarge {
                limit: Some(limit),
                announced: None,
            });
        }
        Ok(())
    }

    pub(crate) fn push(&mut self, chunk: Bytes) {
        if chunk.is_empty() {
            return;
        }
        self.0 = match std::mem::take(&mut self.0) {
            State::Empty => State::One(chunk),
            State::One(first) => {
                let mut chunks = BytesMut::with_capacity(first.len().saturating_add(chunk.len()));
                chunks.extend_from_slice(&first);
                chunks.extend_from_slice(&chunk);
                State::Many(chunks)
            }
            State::Many(mut chunks) => {
                chunks.extend_from_slice(&chunk);
                State::Many(chunks)
            }
        };
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        match self.0 {
            State::Empty => Bytes::new(),
            State::One(chunk) => chunk,
            State::Many(chunks) => chunks.freeze(),
        }
    }
}
