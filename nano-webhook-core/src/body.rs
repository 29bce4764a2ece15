use bytes::{Bytes, BytesMut};

use crate::error::WebhookError;
use crate::mac::MacState;

/// The body of a request as it arrives. It holds what has come and not more: a
/// `Content-Length` reserves nothing, or every connection could claim the limit
/// with one header.
#[derive(Default)]
pub(crate) struct ReceivedBody(State);

#[derive(Default)]
enum State {
    #[default]
    Empty,
    /// The usual case: kept as it came, never copied, and hashed at its end.
    One(Bytes),
    /// Hashed as it arrives.
    Many(BytesMut, Box<MacState>),
}

impl ReceivedBody {
    pub(crate) fn len(&self) -> usize {
        match &self.0 {
            State::Empty => 0,
            State::One(chunk) => chunk.len(),
            State::Many(chunks, _) => chunks.len(),
        }
    }

    /// Takes one more chunk, unless that makes it larger than `limit`. `start`
    /// gives the MAC that a body in several chunks is hashed into.
    pub(crate) fn push(
        &mut self,
        chunk: Bytes,
        limit: usize,
        start: impl FnOnce() -> MacState,
    ) -> Result<(), WebhookError> {
        if chunk.len() > limit.saturating_sub(self.len()) {
            return Err(WebhookError::BodyTooLarge {
                limit: Some(limit),
                announced: None,
            });
        }
        if chunk.is_empty() {
            return Ok(());
        }
        match &mut self.0 {
            State::Empty => self.0 = State::One(chunk),
            State::One(first) => {
                let mut chunks = BytesMut::with_capacity(first.len().saturating_add(chunk.len()));
                let mut hashed = Box::new(start());
                for part in [&*first, &chunk] {
                    chunks.extend_from_slice(part);
                    hashed.update(part);
                }
                self.0 = State::Many(chunks, hashed);
            }
            State::Many(chunks, hashed) => {
                chunks.extend_from_slice(&chunk);
                hashed.update(&chunk);
            }
        }
        Ok(())
    }

    /// All of it, and its MAC if that was made on the way.
    pub(crate) fn finish(self) -> (Bytes, Option<Box<MacState>>) {
        match self.0 {
            State::Empty => (Bytes::new(), None),
            State::One(chunk) => (chunk, None),
            State::Many(chunks, hashed) => (chunks.freeze(), Some(hashed)),
        }
    }
}
