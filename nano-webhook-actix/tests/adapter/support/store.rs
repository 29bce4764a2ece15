use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nano_webhook_actix::core::dedupe::{
    Claim, DedupeStore, DeliveryId, LeaseToken, Namespace, Ownership, StoreError, Terms,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A store that tells what it was asked, and can be out of reach. Its leases
/// never run out.
#[derive(Clone)]
pub(crate) struct TestStore {
    namespace: Namespace,
    records: Arc<Mutex<HashMap<DeliveryId, Record>>>,
    broken: Arc<AtomicBool>,
    calls: UnboundedSender<Call>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Claim,
    Complete,
    Release,
}

#[derive(Clone, Copy)]
enum Record {
    Leased(LeaseToken, u64),
    Completed,
    Free(u64),
}

impl TestStore {
    pub(crate) fn new() -> (Self, UnboundedReceiver<Call>) {
        let (calls, received) = unbounded_channel();
        let store = Self {
            namespace: Namespace::process(),
            records: Arc::default(),
            broken: Arc::default(),
            calls,
        };
        (store, received)
    }

    pub(crate) fn unreachable(&self) {
        self.broken.store(true, Ordering::SeqCst);
    }

    fn call<T>(
        &self,
        call: Call,
        answer: impl FnOnce(&mut HashMap<DeliveryId, Record>) -> T,
    ) -> Result<T, StoreError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(StoreError::new("the store is away"));
        }
        let answer = answer(&mut self.records.lock().unwrap());
        let _ = self.calls.send(call);
        Ok(answer)
    }

    fn end(
        &self,
        call: Call,
        id: DeliveryId,
        owner: LeaseToken,
        end: impl FnOnce(u64) -> Record,
    ) -> Result<Ownership, StoreError> {
        self.call(call, |records| match records.get(&id) {
            Some(Record::Leased(holder, attempt)) if *holder == owner => {
                let ended = end(*attempt);
                records.insert(id, ended);
                Ownership::Held
            }
            _ => Ownership::Lost,
        })
    }
}

impl DedupeStore for TestStore {
    fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    async fn claim(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        _: Terms,
    ) -> Result<Claim, StoreError> {
        self.call(Call::Claim, |records| {
            let attempt = match records.get(&id) {
                None => 1,
                Some(Record::Free(attempt)) => attempt + 1,
                Some(Record::Completed) => return Claim::Completed,
                Some(Record::Leased(..)) => {
                    return Claim::InProgress {
                        remaining: Duration::from_millis(6500),
                    };
                }
            };
            records.insert(id, Record::Leased(owner, attempt));
            Claim::Acquired { attempt }
        })
    }

    async fn renew(&self, _: DeliveryId, _: LeaseToken, _: Terms) -> Result<Ownership, StoreError> {
        Ok(Ownership::Held)
    }

    async fn complete(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        _: Terms,
    ) -> Result<Ownership, StoreError> {
        self.end(Call::Complete, id, owner, |_| Record::Completed)
    }

    async fn release(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        _: Terms,
    ) -> Result<Ownership, StoreError> {
        self.end(Call::Release, id, owner, Record::Free)
    }
}
