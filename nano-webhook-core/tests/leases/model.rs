use std::collections::BTreeMap;
use std::time::Duration;

use nano_webhook_core::dedupe::{BodyDigest, Claim, DeliveryId, OwnerToken, Ownership, Terms};

/// The table of `DedupeStore`, with a clock that can be set.
#[derive(Clone, Default, Hash)]
pub(crate) struct Model {
    pub(crate) now: Duration,
    pub(crate) records: BTreeMap<DeliveryId, Record>,
}

#[derive(Clone, Hash)]
pub(crate) struct Record {
    /// None once it has released.
    pub(crate) owner: Option<OwnerToken>,
    pub(crate) completed: bool,
    body: BodyDigest,
    attempt: u64,
    deadline: Duration,
    pub(crate) forget_at: Duration,
}

impl Model {
    fn record(&self, id: DeliveryId) -> Option<&Record> {
        (self.records.get(&id)).filter(|record| record.forget_at > self.now)
    }

    fn owned(&mut self, id: DeliveryId, owner: OwnerToken) -> Option<&mut Record> {
        let now = self.now;
        (self.records.get_mut(&id))
            .filter(|record| record.forget_at > now && !record.completed)
            .filter(|record| record.owner == Some(owner))
    }

    pub(crate) fn claim(
        &mut self,
        id: DeliveryId,
        body: BodyDigest,
        owner: OwnerToken,
        terms: Terms,
    ) -> Claim {
        let now = self.now;
        let (attempt, taken_over) = match self.record(id) {
            None => (1, false),
            Some(record) if record.completed => return Claim::Completed { body: record.body },
            Some(record) => {
                let running = record.deadline > now;
                let other = record.owner.is_some_and(|holder| holder != owner);
                if running && other {
                    let remaining = record.deadline.saturating_sub(now).min(terms.lease);
                    return Claim::InProgress { remaining };
                }
                let repeated = running && record.owner == Some(owner);
                (record.attempt + u64::from(!repeated), other)
            }
        };
        let deadline = now + terms.lease;
        let record = Record {
            owner: Some(owner),
            completed: false,
            body,
            attempt,
            deadline,
            forget_at: deadline + terms.retention,
        };
        self.records.insert(id, record);
        Claim::Acquired {
            attempt,
            taken_over,
        }
    }

    pub(crate) fn renew(&mut self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> Ownership {
        let now = self.now;
        let Some(record) = self.owned(id, owner) else {
            return Ownership::Lost;
        };
        record.deadline = now + terms.lease;
        record.forget_at = record.deadline + terms.retention;
        Ownership::Held
    }

    pub(crate) fn complete(
        &mut self,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> Ownership {
        let now = self.now;
        if let Some(record) = self.owned(id, owner) {
            record.completed = true;
            record.forget_at = now + terms.retention;
            return Ownership::Held;
        }
        match self.record(id) {
            Some(record) if record.completed && record.owner == Some(owner) => Ownership::Held,
            _ => Ownership::Lost,
        }
    }

    pub(crate) fn release(&mut self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> Ownership {
        let now = self.now;
        let Some(record) = self.owned(id, owner) else {
            return Ownership::Lost;
        };
        record.owner = None;
        record.deadline = now;
        record.forget_at = now + terms.retention;
        Ownership::Held
    }
}
