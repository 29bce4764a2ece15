use std::collections::BTreeMap;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use futures_util::FutureExt as _;
use nano_webhook_core::dedupe::{
    BodyDigest, Claim, DedupeStore, DeliveryId, LeaseHandle, ManualClock, MemoryStore, OwnerToken,
    Ownership, StoreError, StoreFuture, Terms,
};

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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
pub(crate) struct Wait {
    pub(crate) worker: usize,
    pub(crate) at: Point,
    /// With what the store was called.
    pub(crate) call: Option<(DeliveryId, BodyDigest, Terms)>,
    /// The answer, once the call has taken effect.
    pub(crate) reply: Option<Reply>,
    pub(crate) end: Option<End>,
    /// The caller still waits. A call may take effect after that.
    pub(crate) open: bool,
}

impl Wait {
    pub(crate) fn is_unanswered(&self) -> bool {
        self.call.is_some() && self.reply.is_none()
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

pub(crate) struct Store {
    memory: MemoryStore,
    pub(crate) clock: ManualClock,
}

impl Default for Store {
    fn default() -> Self {
        let clock = ManualClock::default();
        let memory = MemoryStore::with_clock(100, &clock).unwrap();
        Self { memory, clock }
    }
}

fn now<T>(call: StoreFuture<'_, T>) -> T {
    call.now_or_never().expect("it answers at once").unwrap()
}

/// Everything around core: the store, the timers, the handlers.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) rules: Rules,
    pub(crate) waits: BTreeMap<usize, Wait>,
    pub(crate) workers: Vec<Worker>,
    pub(crate) gaps: bool,
    pub(crate) polled: usize,
    waited: usize,
}

impl World {
    pub(crate) fn is_idle(&self) -> bool {
        self.workers.iter().all(|worker| worker.ended.is_some())
    }

    /// A timer that has a lease renewed.
    pub(crate) fn is_tick(&self, wait: &Wait) -> bool {
        wait.at == Point::Timer && self.workers[wait.worker].succeeded.is_none()
    }

    pub(crate) fn apply(&mut self, wait: usize) {
        let (store, wait) = (&self.store, self.waits.get_mut(&wait).unwrap());
        let (id, body, terms) = wait.call.unwrap();
        // Tokens are random; workers are the same in each schedule.
        let owner = OwnerToken::from_bytes([wait.worker as u8; 16]);
        wait.reply = Some(match wait.at {
            Point::Claim => Reply::Claim(now(store.memory.claim(id, body, owner, terms))),
            Point::Renew => Reply::Ownership(now(store.memory.renew(id, owner, terms))),
            Point::Complete => Reply::Ownership(now(store.memory.complete(id, owner, terms))),
            _ => Reply::Ownership(now(store.memory.release(id, owner, terms))),
        });
        let succeeded = self.workers[wait.worker].succeeded == Some(true);
        self.rules.judge(wait, succeeded, store.clock.elapsed());
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

    pub(crate) fn wait(&self, at: Point) -> Waiting {
        self.wait_for(at, None)
    }

    fn wait_for(&self, at: Point, call: Option<(DeliveryId, BodyDigest, Terms)>) -> Waiting {
        let mut world = self.lock();
        world.waited += 1;
        let (number, worker) = (world.waited, world.polled);
        let (reply, end, open) = (None, None, true);
        #[rustfmt::skip]
        world.waits.insert(number, Wait { worker, at, call, reply, end, open });
        Waiting(self.clone(), number)
    }

    /// Where an adapter may be interrupted between two calls of core.
    pub(crate) async fn gap(&self) {
        if self.lock().gaps {
            self.wait(Point::Gap).await;
        }
    }

    async fn call<T>(
        &self,
        at: Point,
        owner: OwnerToken,
        call: (DeliveryId, BodyDigest, Terms),
        read: fn(Reply) -> Option<T>,
    ) -> Result<T, StoreError> {
        let worker = self.lock().polled;
        let token = self.lock().workers[worker].token.replace(owner);
        assert!(at == Point::Claim || token == Some(owner));
        match self.wait_for(at, Some(call)).await {
            (End::Ok, reply) => Ok(reply.and_then(read).unwrap()),
            _ => Err(StoreError::new("no answer")),
        }
    }
}

pub(crate) struct Waiting(Shared, usize);

impl Future for Waiting {
    type Output = (End, Option<Reply>);

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let wait = self.0.lock().waits[&self.1];
        match wait.end {
            None => Poll::Pending,
            // Without the message of a panic.
            Some(End::Panic) => resume_unwind(Box::new(())),
            Some(end) => Poll::Ready((end, wait.reply)),
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
            let call = (id, BodyDigest::default(), terms);
            Box::pin(self.call(Point::$point, owner, call, |reply| match reply {
                Reply::Ownership(ownership) => Some(ownership),
                Reply::Claim(_) => None,
            }))
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
        let call = (id, body, terms);
        Box::pin(self.call(Point::Claim, owner, call, |reply| match reply {
            Reply::Claim(claim) => Some(claim),
            Reply::Ownership(_) => None,
        }))
    }

    changes!(renew: Renew, complete: Complete, release: Release);
}
