use std::collections::BTreeMap;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use nano_webhook_core::ErrorKind;
use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DedupeStore, DeliveryId, LeaseHandle, OutcomeKind, OwnerToken, Ownership,
    StoreError, StoreFuture, Terms,
};

use crate::model::Model;
use crate::rules::Rules;

/// What a future waits for. Claims to releases are calls of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Point {
    Claim,
    Renew,
    Complete,
    Release,
    Timer,
    Handler,
    /// Between two calls of core.
    Gap,
}

/// How a wait ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// A success of the handler, an answer of the store.
    Ok,
    /// A failure of the handler, an error of the store, whether or not the call
    /// took effect.
    Failed,
    Panic,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Claim(Claim),
    Ownership(Ownership),
}

#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) id: DeliveryId,
    body: BodyDigest,
    pub(crate) terms: Terms,
    pub(crate) reply: Option<Reply>,
}

#[derive(Clone)]
pub(crate) struct Wait {
    pub(crate) worker: usize,
    pub(crate) at: Point,
    pub(crate) call: Option<Call>,
    pub(crate) end: Option<End>,
    /// The caller still waits. The effect of a call may come after that.
    pub(crate) open: bool,
}

impl Wait {
    pub(crate) fn is_unanswered(&self) -> bool {
        (self.call.as_ref()).is_some_and(|call| call.reply.is_none())
    }
}

/// How the work on a delivery ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Handled(OutcomeKind),
    Duplicate,
    Rejected(ErrorKind),
    ReleasedParked(bool),
    Died,
}

#[derive(Clone, Default)]
pub(crate) struct Worker {
    pub(crate) lease: Option<LeaseHandle>,
    pub(crate) succeeded: Option<bool>,
    pub(crate) ended: Option<Ended>,
    token: Option<OwnerToken>,
}

/// Everything outside of core: the store, the timers and the handlers.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) store: Model,
    pub(crate) rules: Rules,
    pub(crate) waits: BTreeMap<usize, Wait>,
    pub(crate) workers: Vec<Worker>,
    pub(crate) gaps: bool,
    pub(crate) polled: usize,
    next: usize,
}

impl World {
    /// The effect of a call of the store.
    pub(crate) fn apply(&mut self, wait: usize) {
        let wait = self.waits.get_mut(&wait).unwrap();
        let call = wait.call.as_mut().unwrap();
        let owner = OwnerToken::from_bytes([wait.worker as u8; 16]);
        let (id, body, terms) = (call.id, call.body, call.terms);
        let reply = match wait.at {
            Point::Claim => Reply::Claim(self.store.claim(id, body, owner, terms)),
            Point::Renew => Reply::Ownership(self.store.renew(id, owner, terms)),
            Point::Complete => Reply::Ownership(self.store.complete(id, owner, terms)),
            _ => Reply::Ownership(self.store.release(id, owner, terms)),
        };
        call.reply = Some(reply);
        let succeeded = self.workers[wait.worker].succeeded == Some(true);
        (self.rules).judge(wait, succeeded, self.store.now);
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
        world.next += 1;
        let (number, worker) = (world.next, world.polled);
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

    fn call(
        &self,
        at: Point,
        (id, body, owner, terms): (DeliveryId, BodyDigest, OwnerToken, Terms),
    ) -> impl Future<Output = Result<Reply, StoreError>> + Send + use<> {
        let mut world = self.lock();
        let polled = world.polled;
        let token = &mut world.workers[polled].token;
        match at {
            Point::Claim => *token = Some(owner),
            _ => assert_eq!(*token, Some(owner)),
        }
        drop(world);
        let call = Call {
            id,
            body,
            terms,
            reply: None,
        };
        let waiting = self.wait(at, Some(call));
        async move {
            match waiting.await {
                (End::Ok, call) => Ok(call.and_then(|call| call.reply).unwrap()),
                _ => Err(StoreError::new("no answer")),
            }
        }
    }
}

pub(crate) struct Waiting(Shared, usize);

impl Future for Waiting {
    type Output = (End, Option<Call>);

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let wait = self.0.lock().waits[&self.1].clone();
        match wait.end {
            None => Poll::Pending,
            Some(End::Panic) => resume_unwind(Box::new("told to")),
            Some(end) => Poll::Ready((end, wait.call)),
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut world = self.0.lock();
        let wait = world.waits.get_mut(&self.1).unwrap();
        wait.open = false;
        if !wait.is_unanswered() {
            world.waits.remove(&self.1);
        }
    }
}

impl DedupeStore for Shared {
    fn claim(
        &self,
        id: DeliveryId,
        body: BodyDigest,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Claim> {
        let call = self.call(Point::Claim, (id, body, owner, terms));
        Box::pin(async {
            match call.await? {
                Reply::Claim(claim) => Ok(claim),
                Reply::Ownership(_) => unreachable!(),
            }
        })
    }

    fn renew(&self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> StoreFuture<'_, Ownership> {
        ownership(self.call(Point::Renew, (id, BodyDigest::default(), owner, terms)))
    }

    fn complete(
        &self,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Ownership> {
        ownership(self.call(Point::Complete, (id, BodyDigest::default(), owner, terms)))
    }

    fn release(
        &self,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> StoreFuture<'_, Ownership> {
        ownership(self.call(Point::Release, (id, BodyDigest::default(), owner, terms)))
    }
}

fn ownership(
    call: impl Future<Output = Result<Reply, StoreError>> + Send + 'static,
) -> StoreFuture<'static, Ownership> {
    Box::pin(async {
        match call.await? {
            Reply::Ownership(ownership) => Ok(ownership),
            Reply::Claim(_) => unreachable!(),
        }
    })
}
