use std::collections::BTreeMap;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DedupeStore, DeliveryId, LeaseHandle, OwnerToken, Ownership, StoreError,
    StoreFuture, Terms,
};

use crate::model::Model;
use crate::processes::Ended;
use crate::rules::Rules;

/// What a future waits for: the store, first, or something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Point {
    Claim,
    Renew,
    Complete,
    Release,
    Handler,
    /// Between two calls of core.
    Gap,
    Timer,
}

/// How a wait ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The store answers, the handler succeeds.
    Ok,
    /// An error of the store, whose call may have taken effect; the handler fails.
    Failed,
    Panic,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Claim(Claim),
    Ownership(Ownership),
}

#[derive(Clone, Copy)]
pub(crate) struct Call {
    pub(crate) id: DeliveryId,
    pub(crate) body: BodyDigest,
    pub(crate) terms: Terms,
    pub(crate) reply: Option<Reply>,
}

#[derive(Clone, Copy)]
pub(crate) struct Wait {
    pub(crate) worker: usize,
    pub(crate) at: Point,
    pub(crate) call: Option<Call>,
    pub(crate) end: Option<End>,
    /// The caller still waits. A call may take effect after that.
    pub(crate) open: bool,
}

impl Wait {
    pub(crate) fn is_unanswered(&self) -> bool {
        self.call.is_some_and(|call| call.reply.is_none())
    }
}

/// The work on one request.
#[derive(Clone, Default)]
pub(crate) struct Worker {
    pub(crate) lease: Option<LeaseHandle>,
    pub(crate) succeeded: Option<bool>,
    pub(crate) ended: Option<Ended>,
    token: Option<OwnerToken>,
}

/// Everything around core: the store, the timers, the handlers.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) store: Model,
    pub(crate) rules: Rules,
    pub(crate) waits: BTreeMap<usize, Wait>,
    pub(crate) workers: Vec<Worker>,
    pub(crate) gaps: bool,
    /// The worker that is polled.
    pub(crate) polled: usize,
    waited: usize,
}

impl World {
    /// A call takes effect in the store.
    pub(crate) fn apply(&mut self, wait: usize) {
        let wait = self.waits.get_mut(&wait).unwrap();
        let call = wait.call.as_mut().unwrap();
        // Tokens are random, workers the same in each schedule.
        let owner = OwnerToken::from_bytes([wait.worker as u8; 16]);
        let store = &mut self.store;
        call.reply = Some(match wait.at {
            Point::Claim => Reply::Claim(store.claim(call.id, call.body, owner, call.terms)),
            Point::Renew => Reply::Ownership(store.renew(call.id, owner, call.terms)),
            Point::Complete => Reply::Ownership(store.complete(call.id, owner, call.terms)),
            _ => Reply::Ownership(store.release(call.id, owner, call.terms)),
        });
        let succeeded = self.workers[wait.worker].succeeded == Some(true);
        self.rules.judge(wait, succeeded, store.now);
        self.waits
            .retain(|_, wait| wait.open || wait.is_unanswered());
    }
}

#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<World>>);

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    pub(crate) fn wait(&self, at: Point, call: Option<Call>) -> Waiting {
        let mut world = self.lock();
        world.waited += 1;
        let (number, worker) = (world.waited, world.polled);
        let wait = Wait {
            worker,
            at,
            call,
            end: None,
            open: true,
        };
        world.waits.insert(number, wait);
        Waiting(self.clone(), number)
    }

    /// Where an adapter may be interrupted between two calls of core.
    pub(crate) async fn gap(&self) {
        if self.lock().gaps {
            self.wait(Point::Gap, None).await;
        }
    }

    async fn call(
        &self,
        at: Point,
        owner: OwnerToken,
        (id, body, terms): (DeliveryId, BodyDigest, Terms),
    ) -> Result<Reply, StoreError> {
        let worker = self.lock().polled;
        let token = self.lock().workers[worker].token;
        match at {
            Point::Claim => self.lock().workers[worker].token = Some(owner),
            _ => assert_eq!(token, Some(owner)),
        }
        let reply = None;
        let call = Call {
            id,
            body,
            terms,
            reply,
        };
        match self.wait(at, Some(call)).await {
            (End::Ok, call) => Ok(call.and_then(|call| call.reply).unwrap()),
            _ => Err(StoreError::new("no answer")),
        }
    }
}

pub(crate) struct Waiting(Shared, usize);

impl Future for Waiting {
    type Output = (End, Option<Call>);

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let wait = self.0.lock().waits[&self.1];
        match wait.end {
            None => Poll::Pending,
            // Without the message of a panic.
            Some(End::Panic) => resume_unwind(Box::new(())),
            Some(end) => Poll::Ready((end, wait.call)),
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let waits = &mut self.0.lock().waits;
        waits.get_mut(&self.1).unwrap().open = false;
        waits.retain(|_, wait| wait.open || wait.is_unanswered());
    }
}

macro_rules! changes {
    ($($call:ident: $point:ident),*) => {$(
        fn $call(&self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> StoreFuture<'_, Ownership> {
            Box::pin(async move {
                match self.call(Point::$point, owner, (id, BodyDigest::default(), terms)).await? {
                    Reply::Ownership(ownership) => Ok(ownership),
                    Reply::Claim(_) => unreachable!(),
                }
            })
        }
    )*};
}

impl DedupeStore for Shared {
    fn claim(
        &self,
        id: DeliveryId,
        body: BodyDigest,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Claim> {
        Box::pin(async move {
            match self.call(Point::Claim, owner, (id, body, terms)).await? {
                Reply::Claim(claim) => Ok(claim),
                Reply::Ownership(_) => unreachable!(),
            }
        })
    }

    changes!(renew: Renew, complete: Complete, release: Release);
}
