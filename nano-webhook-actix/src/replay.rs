use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::Stream;

use crate::verdict::Verdict;

/// What stands in for the payload that a verification took: the signed body,
/// once it is verified.
pub(crate) struct Replay(Option<Verdict>);

impl Replay {
    pub(crate) fn payload(verdict: Verdict) -> Payload {
        Payload::Stream {
            payload: Box::pin(Self(Some(verdict))),
        }
    }
}

impl Stream for Replay {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, PayloadError>>> {
        let Some(verdict) = &self.0 else {
            return Poll::Ready(None);
        };
        let body = ready!(verdict.poll_body(context));
        self.0 = None;
        Poll::Ready(match body {
            Some(body) => (!body.is_empty()).then_some(Ok(body)),
            None => Some(Err(PayloadError::Io(io::Error::new(
                io::ErrorKind::InvalidData,
                "the delivery was refused",
            )))),
        })
    }
}
