use std::cell::RefCell;
use std::future::Future as _;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use bytes::Bytes;
use nano_webhook_core::Delivery;

use crate::config::WebhookConfig;
use crate::receive::Receive;
use crate::rejection::Refusal;

/// The one verification of a request, shared by all that wait for it: actix asks
/// every extractor of a handler before it polls any, and the first to ask gets
/// the payload.
///
/// Whoever polls drives it. The body is read and judged once.
#[derive(Clone)]
pub(crate) struct Verdict(Rc<Shared>);

struct Shared {
    judge: WebhookConfig,
    state: RefCell<State>,
}

enum State {
    Receiving {
        receive: Receive,
        waiting: Vec<Waker>,
    },
    Verified(Delivery),
    Refused(Refusal),
}

impl Verdict {
    /// Judges the head, and takes the payload.
    pub(crate) fn start(
        config: &WebhookConfig,
        request: &HttpRequest,
        payload: &mut Payload,
    ) -> Self {
        let state = match Receive::start(config.verifier(), request, payload) {
            Ok(receive) => State::Receiving {
                receive,
                waiting: Vec::new(),
            },
            Err(error) => State::Refused(Refusal::new(error, payload.take())),
        };
        Self(Rc::new(Shared {
            judge: config.clone(),
            state: RefCell::new(state),
        }))
    }

    /// Whether this configuration made the verdict.
    pub(crate) fn is_by(&self, config: &WebhookConfig) -> bool {
        self.0.judge.is(config)
    }

    /// What `read` makes of the delivery.
    pub(crate) fn poll<T>(
        &self,
        context: &mut Context<'_>,
        read: impl FnOnce(&mut Delivery) -> Result<T, Refusal>,
    ) -> Poll<Result<T, Refusal>> {
        self.drive(context);
        match &mut *self.0.state.borrow_mut() {
            State::Receiving { .. } => Poll::Pending,
            State::Verified(delivery) => Poll::Ready(read(delivery)),
            State::Refused(refusal) => Poll::Ready(Err(refusal.take())),
        }
    }

    /// The signed body, or nothing if the request is refused.
    pub(crate) fn poll_body(&self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.drive(context);
        match &*self.0.state.borrow() {
            State::Receiving { .. } => Poll::Pending,
            State::Verified(delivery) => Poll::Ready(Some(delivery.body().clone())),
            State::Refused(_) => Poll::Ready(None),
        }
    }

    fn drive(&self, context: &mut Context<'_>) {
        let mut state = self.0.state.borrow_mut();
        let State::Receiving { receive, waiting } = &mut *state else {
            return;
        };
        let next = match Pin::new(&mut *receive).poll(context) {
            Poll::Pending => {
                if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                    waiting.push(context.waker().clone());
                }
                return;
            }
            Poll::Ready(Ok(delivery)) => State::Verified(delivery),
            Poll::Ready(Err(error)) => State::Refused(Refusal::new(error, receive.take_payload())),
        };
        let mut waiting = mem::take(waiting);
        *state = next;
        drop(state);
        waiting.retain(|waker| !waker.will_wake(context.waker()));
        waiting.into_iter().for_each(Waker::wake);
    }
}

/// The payload wakes only the last one who polled. If that one goes away, the
/// others must poll, or they would wait for ever.
impl Drop for Verdict {
    fn drop(&mut self) {
        let waiting = match &mut *self.0.state.borrow_mut() {
            State::Receiving { waiting, .. } => mem::take(waiting),
            _ => return,
        };
        waiting.into_iter().for_each(Waker::wake);
    }
}
