use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Poll;
use std::time::Duration;

use super::provider::Provider;
use crate::answer::Answer;
use crate::error::Error;
use crate::transport::{BoxFuture, Request, Transport};

/// Longer than every wait before a retry, which takes no time here.
pub(crate) const LIST_DELAY: Duration = Duration::from_secs(4000);

/// What a run waits for.
pub(crate) enum Slot {
    Idle,
    Asked(Request),
    Answered(Result<Answer, Error>),
    Asleep,
}

pub(crate) struct World {
    pub(crate) provider: Provider,
    pub(crate) slots: Vec<Slot>,
}

/// The transport of one run.
pub(crate) struct Port(pub(crate) Arc<Mutex<World>>, pub(crate) usize);

impl Port {
    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    fn wait(&self) -> Poll<Slot> {
        match &mut self.world().slots[self.1] {
            Slot::Asked(_) | Slot::Asleep => Poll::Pending,
            slot => Poll::Ready(std::mem::replace(slot, Slot::Idle)),
        }
    }
}

impl Transport for Port {
    fn exchange(&self, request: Request) -> BoxFuture<'_, Result<Answer, Error>> {
        self.world().slots[self.1] = Slot::Asked(request);
        Box::pin(async {
            match poll_fn(|_| self.wait()).await {
                Slot::Answered(answer) => answer,
                _ => panic!("woken without an answer"),
            }
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        if duration < LIST_DELAY / 4 {
            return Box::pin(async {});
        }
        self.world().slots[self.1] = Slot::Asleep;
        Box::pin(async { drop(poll_fn(|_| self.wait()).await) })
    }
}
