use std::collections::BTreeMap;
use std::time::Duration;

use nano_webhook_core::dedupe::{BodyDigest, Claim, DeliveryId, OwnerToken, Ownership, Terms};

/// The table of `DedupeStore`, with a clock that can be set.
#[derive(Clone, Default, Hash)]
pub(crate) struct Model {
    pub(crate) now: Duration,
    pub(crate) records: BTreeMap<DeliveryId, Record>,
    pub(crate) broken: Option<Broken>,
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

/// Stores, and one adapter, as they must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Broken {
    ClaimIgnoresLeases,
    ClaimKeepsTheAttempt,
    NothingIsTakenOver,
    RenewIgnoresOwners,
    CompleteIgnoresOwners,
    CompletionIsForgotten,
    ReleaseIgnoresOwners,
    AdapterCompletesFailures,
}

impl Broken {
    pub(crate) const ALL: &[Self] = &[
        Self::ClaimIgnoresLeases,
        Self::ClaimKeepsTheAttempt,
        Self::NothingIsTakenOver,
        Self::RenewIgnoresOwners,
        Self::CompleteIgnoresOwners,
        Self::CompletionIsForgotten,
        Self::ReleaseIgnoresOwners,
        Self::AdapterCompletesFailures,
    ];
}

impl Model {
    pub(crate) fn is(&self, broken: Broken) -> bool {
        self.broken == Some(broken)
    }

    fn record(&self, id: DeliveryId) -> Option<&Record> {
        (self.records.get(&id)).filter(|record| record.forget_at > self.now)
    }

    fn owned(&mut self, id: DeliveryId, owner: OwnerToken, by: Broken) -> Option<&mut Record> {
        let (now, ignored) = (self.now, self.is(by));
        (self.records.get_mut(&id))
            .filter(|record| record.forget_at > now && !record.completed)
            .filter(|record| record.owner == Some(owner) || ignored && record.owner.is_some())
    }

    pub(crate) fn claim(
        &mut self,
        id: DeliveryId,
        body: BodyDigest,
        owner: OwnerToken,
        terms: Terms,
    ) -> Claim {
        let (now, kept) = (self.now, self.is(Broken::ClaimKeepsTheAttempt));
        let (attempt, taken_over) = match self.record(id) {
            None => (1, false),
            Some(record) if record.completed => return Claim::Completed { body: record.body },
            Some(record) => {
                let running = record.deadline > now || self.is(Broken::NothingIsTakenOver);
                let other = record.owner.is_some_and(|holder| holder != owner);
                if running && other && !self.is(Broken::ClaimIgnoresLeases) {
                    let remaining = record.deadline.saturating_sub(now).min(terms.lease);
                    return Claim::InProgress { remaining };
                }
                let repeated = running && record.owner == Some(owner);
                (record.attempt + u64::from(!repeated && !kept), other)
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
        let Some(record) = self.owned(id, owner, Broken::RenewIgnoresOwners) else {
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
        let (now, kept) = (self.now, !self.is(Broken::CompletionIsForgotten));
        if let Some(record) = self.owned(id, owner, Broken::CompleteIgnoresOwners) {
            record.completed = kept;
            record.owner = Some(owner).filter(|_| kept);
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
        let Some(record) = self.owned(id, owner, Broken::ReleaseIgnoresOwners) else {
            return Ownership::Lost;
        };
        record.owner = None;
        record.deadline = now;
        record.forget_at = now + terms.retention;
        Ownership::Held
    }
}
