//! A store written straight from the table, and ways to get it wrong.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use nano_webhook_core::dedupe::{
    Claim, DedupeStore, DeliveryId, LeaseToken, ManualClock, Namespace, Ownership, StoreError,
    Terms,
};

macro_rules! faults {
    ($($fault:ident,)*) => {
        /// What is wrong with a store.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Fault { $($fault,)* }

        impl Fault {
            pub(crate) const ALL: &[Self] = &[$(Self::$fault,)*];
        }
    };
}

faults! {
    AnybodyReleases,
    AnybodyCompletes,
    AnybodyRenews,
    AnybodyCompletesAgain,
    AttemptStays,
    AttemptStaysAfterExpiry,
    AttemptGrowsWithRepetition,
    LateHolderRenews,
    LateHolderCompletes,
    LateHolderReleases,
    LeaseNeverEnds,
    ClaimByOthersProlongs,
    RepeatedClaimRefused,
    RepeatedClaimDoesNotProlong,
    RepeatedCompletionLost,
    RepeatedCompletionProlongs,
    RenewalDoesNotProlong,
    RenewalOnOldTerms,
    CompletionRenewable,
    CompletionReleasable,
    CompletionNotKept,
    CompletionKeptForLeaseOnly,
    CompletionNeverForgotten,
    RetentionFromClaim,
    ReleaseForgetsAttempt,
    AttemptForgottenWithLease,
    AttemptNeverForgotten,
    WholeLeaseRemains,
    OneLeaseForAll,
    ReadThenWrite,
    DropsTheOldest,
}

/// The suite crowds with a hundred.
const CAPACITY: usize = 40;

pub(crate) struct FaultyStore {
    namespace: Namespace,
    clock: ManualClock,
    fault: Option<Fault>,
    records: Mutex<HashMap<DeliveryId, Record>>,
    order: AtomicU64,
}

#[derive(Clone, Copy)]
struct Record {
    state: State,
    attempt: u64,
    claimed_at: Duration,
    terms: Terms,
    /// When the lease or the completion ends.
    until: Duration,
    /// When the record goes.
    forget_at: Duration,
    /// Grows with each claim and renewal.
    order: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Leased(LeaseToken),
    Completed(LeaseToken),
    Free,
}

impl FaultyStore {
    pub(crate) fn new(clock: &ManualClock, fault: Option<Fault>) -> Self {
        Self {
            namespace: Namespace::process(),
            clock: clock.clone(),
            fault,
            records: Mutex::default(),
            order: AtomicU64::new(0),
        }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// The record as it is stored: a lease that ran out still says who held it.
    fn stored(&self, id: DeliveryId) -> Option<Record> {
        let id = self.key(id);
        let record = *self.records.lock().unwrap().get(&id)?;
        (self.clock.elapsed() < record.forget_at).then_some(record)
    }

    fn read(&self, id: DeliveryId) -> Option<Record> {
        let mut record = self.stored(id)?;
        if matches!(record.state, State::Leased(_))
            && record.until <= self.clock.elapsed()
            && !self.has(Fault::LeaseNeverEnds)
        {
            if self.has(Fault::AttemptForgottenWithLease) {
                return None;
            }
            if self.has(Fault::AttemptStaysAfterExpiry) {
                record.attempt -= 1;
            }
            record.state = State::Free;
        }
        Some(record)
    }

    fn write(&self, id: DeliveryId, record: Record) {
        let id = self.key(id);
        let mut records = self.records.lock().unwrap();
        records.insert(id, record);
        if self.has(Fault::DropsTheOldest) && records.len() > CAPACITY {
            let oldest = records
                .iter()
                .min_by_key(|(_, record)| record.order)
                .map(|(id, _)| *id)
                .unwrap();
            records.remove(&oldest);
        }
    }

    fn key(&self, id: DeliveryId) -> DeliveryId {
        let mut bytes = *id.as_bytes();
        if self.has(Fault::OneLeaseForAll) {
            // Forgets the number at the end, which tells a trial's deliveries apart.
            bytes[16..].fill(0);
        }
        DeliveryId::from_bytes(bytes)
    }

    fn leased(&self, owner: LeaseToken, attempt: u64, terms: Terms) -> Record {
        let now = self.clock.elapsed();
        Record {
            state: State::Leased(owner),
            attempt,
            claimed_at: now,
            terms,
            until: now + terms.lease,
            forget_at: now + terms.lease + terms.retention,
            order: self.order.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// The lease, if this owner has it, or if the fault lets it pass.
    fn held(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        anybody: Fault,
        late: Fault,
    ) -> Option<Record> {
        let record = if self.has(late) {
            self.stored(id)?
        } else {
            self.read(id)?
        };
        match record.state {
            State::Leased(holder) if holder == owner || self.has(anybody) => Some(record),
            _ => None,
        }
    }
}

impl DedupeStore for FaultyStore {
    fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    async fn claim(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> Result<Claim, StoreError> {
        let now = self.clock.elapsed();
        let record = self.read(id);
        if self.has(Fault::ReadThenWrite) {
            tokio::task::yield_now().await;
        }
        let attempt = match record {
            None => 1,
            Some(record) => match record.state {
                State::Completed(_) => return Ok(Claim::Completed),
                State::Free if self.has(Fault::AttemptStays) => record.attempt,
                State::Free => record.attempt + 1,
                State::Leased(holder)
                    if holder == owner && !self.has(Fault::RepeatedClaimRefused) =>
                {
                    if self.has(Fault::RepeatedClaimDoesNotProlong) {
                        return Ok(Claim::Acquired {
                            attempt: record.attempt,
                        });
                    }
                    record.attempt + u64::from(self.has(Fault::AttemptGrowsWithRepetition))
                }
                State::Leased(holder) => {
                    if self.has(Fault::ClaimByOthersProlongs) {
                        self.write(id, self.leased(holder, record.attempt, terms));
                    }
                    let remaining = if self.has(Fault::WholeLeaseRemains) {
                        record.terms.lease
                    } else {
                        record.until.saturating_sub(now)
                    };
                    return Ok(Claim::InProgress { remaining });
                }
            },
        };
        self.write(id, self.leased(owner, attempt, terms));
        Ok(Claim::Acquired { attempt })
    }

    async fn renew(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> Result<Ownership, StoreError> {
        if self.has(Fault::CompletionRenewable)
            && let Some(record) = self.read(id)
            && record.state == State::Completed(owner)
        {
            return Ok(Ownership::Held);
        }
        let Some(record) = self.held(id, owner, Fault::AnybodyRenews, Fault::LateHolderRenews)
        else {
            return Ok(Ownership::Lost);
        };
        let terms = if self.has(Fault::RenewalOnOldTerms) {
            record.terms
        } else {
            terms
        };
        let State::Leased(holder) = record.state else {
            return Ok(Ownership::Lost);
        };
        if !self.has(Fault::RenewalDoesNotProlong) {
            self.write(id, self.leased(holder, record.attempt, terms));
        }
        Ok(Ownership::Held)
    }

    async fn complete(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> Result<Ownership, StoreError> {
        let now = self.clock.elapsed();
        let completed = self.read(id).filter(|record| match record.state {
            State::Completed(by) => by == owner || self.has(Fault::AnybodyCompletesAgain),
            _ => false,
        });
        if let Some(record) = completed {
            if self.has(Fault::RepeatedCompletionProlongs) {
                let forget_at = now + terms.retention;
                self.write(
                    id,
                    Record {
                        forget_at,
                        ..record
                    },
                );
            }
            return Ok(if self.has(Fault::RepeatedCompletionLost) {
                Ownership::Lost
            } else {
                Ownership::Held
            });
        }
        let Some(record) = self.held(
            id,
            owner,
            Fault::AnybodyCompletes,
            Fault::LateHolderCompletes,
        ) else {
            return Ok(Ownership::Lost);
        };
        let forget_at = if self.has(Fault::CompletionNotKept) {
            now
        } else if self.has(Fault::CompletionKeptForLeaseOnly) {
            now + terms.lease
        } else if self.has(Fault::CompletionNeverForgotten) {
            Duration::MAX
        } else if self.has(Fault::RetentionFromClaim) {
            record.claimed_at + terms.retention
        } else {
            now + terms.retention
        };
        let state = State::Completed(owner);
        self.write(
            id,
            Record {
                state,
                until: forget_at,
                forget_at,
                ..record
            },
        );
        Ok(Ownership::Held)
    }

    async fn release(
        &self,
        id: DeliveryId,
        owner: LeaseToken,
        terms: Terms,
    ) -> Result<Ownership, StoreError> {
        let now = self.clock.elapsed();
        let completed = self
            .read(id)
            .filter(|record| record.state == State::Completed(owner));
        let released = if self.has(Fault::CompletionReleasable) && completed.is_some() {
            completed
        } else {
            self.held(id, owner, Fault::AnybodyReleases, Fault::LateHolderReleases)
        };
        let Some(record) = released else {
            return Ok(Ownership::Lost);
        };
        let forget_at = if self.has(Fault::ReleaseForgetsAttempt) {
            now
        } else if self.has(Fault::AttemptNeverForgotten) {
            Duration::MAX
        } else {
            now + terms.retention
        };
        let state = State::Free;
        self.write(
            id,
            Record {
                state,
                until: now,
                forget_at,
                ..record
            },
        );
        Ok(Ownership::Held)
    }
}
