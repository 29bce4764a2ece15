use std::collections::BTreeSet;
use std::time::Duration;

use super::clock::{Clock, nanos};
use super::completions::{Completion, Completions, Map};
use crate::dedupe::{BodyDigest, Claim, DeliveryId, OwnerToken, Ownership, Terms};

/// How many forgotten records of each kind a claim drops: more than it adds, and
/// no claim pays for many.
const SWEEPS: usize = 2;

/// The contract of `DedupeStore` without concurrency.
pub(super) struct Records {
    clock: Clock,
    pub(super) capacity: usize,
    /// Completions that were dropped before their time.
    pub(super) forgotten: u64,
    /// Deliveries that are not completed: few, unless handlers fail.
    open: Map<DeliveryId, Open>,
    by_deadline: BTreeSet<(u64, DeliveryId)>,
    completions: Completions,
}

#[derive(Clone, Copy)]
struct Open {
    /// None once it has released.
    owner: Option<OwnerToken>,
    body: BodyDigest,
    attempt: u64,
    /// The end of the lease. A release ends it.
    deadline: u64,
    forget_at: u64,
}

impl Records {
    pub(super) fn new(capacity: usize, clock: Clock) -> Self {
        Self {
            clock,
            capacity: capacity.min(u32::MAX as usize),
            forgotten: 0,
            open: Map::default(),
            by_deadline: BTreeSet::new(),
            completions: Completions::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.open.len().saturating_add(self.completions.len())
    }

    /// # Errors
    /// Every record is a running lease.
    pub(super) fn claim(
        &mut self,
        id: DeliveryId,
        body: BodyDigest,
        owner: OwnerToken,
        terms: Terms,
    ) -> Result<Claim, String> {
        let now = (self.clock)();
        self.sweep(now);
        let open = self.open.get(&id);
        let (attempt, taken_over) = match open.filter(|open| open.forget_at > now) {
            Some(open) if open.owner == Some(owner) && open.deadline > now => (open.attempt, false),
            Some(open) if open.owner.is_some() && open.deadline > now => {
                let remaining = Duration::from_nanos(open.deadline.saturating_sub(now));
                return Ok(Claim::InProgress { remaining });
            }
            Some(open) => (
                open.attempt.saturating_add(1),
                open.owner.is_some_and(|holder| holder != owner),
            ),
            None => match self.completions.get(now, id) {
                Some(Completion { body, .. }) => return Ok(Claim::Completed { body: *body }),
                None => (1, false),
            },
        };
        if open.is_none() {
            while self.len() >= self.capacity {
                self.make_room(now)?;
            }
        }
        let deadline = now.saturating_add(nanos(terms.lease));
        let open = Open {
            owner: Some(owner),
            body,
            attempt,
            deadline,
            forget_at: deadline.saturating_add(nanos(terms.retention)),
        };
        self.put(id, open);
        Ok(Claim::Acquired {
            attempt,
            taken_over,
        })
    }

    pub(super) fn renew(&mut self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> Ownership {
        let now = (self.clock)();
        let Some(mut open) = self.owned(now, id, owner) else {
            return Ownership::Lost;
        };
        open.deadline = now.saturating_add(nanos(terms.lease));
        open.forget_at = open.deadline.saturating_add(nanos(terms.retention));
        self.put(id, open);
        Ownership::Held
    }

    pub(super) fn complete(
        &mut self,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> Ownership {
        let now = (self.clock)();
        if let Some(Open { body, .. }) = self.owned(now, id, owner) {
            self.remove(id);
            let completion = Completion {
                id,
                owner,
                body,
                forget_at: now.saturating_add(nanos(terms.retention)),
            };
            self.completions.push(completion, self.capacity);
            return Ownership::Held;
        }
        match self.completions.get(now, id) {
            Some(completion) if completion.owner == owner => Ownership::Held,
            _ => Ownership::Lost,
        }
    }

    pub(super) fn release(&mut self, id: DeliveryId, owner: OwnerToken, terms: Terms) -> Ownership {
        let now = (self.clock)();
        let Some(mut open) = self.owned(now, id, owner) else {
            return Ownership::Lost;
        };
        open.owner = None;
        open.deadline = now;
        open.forget_at = now.saturating_add(nanos(terms.retention));
        self.put(id, open);
        Ownership::Held
    }

    /// The caller's lease, also after its deadline.
    fn owned(&self, now: u64, id: DeliveryId, owner: OwnerToken) -> Option<Open> {
        let open = self.open.get(&id)?;
        (open.owner == Some(owner) && open.forget_at > now).then_some(*open)
    }

    fn put(&mut self, id: DeliveryId, open: Open) {
        self.remove(id);
        self.open.insert(id, open);
        self.by_deadline.insert((open.deadline, id));
    }

    fn remove(&mut self, id: DeliveryId) {
        if let Some(open) = self.open.remove(&id) {
            self.by_deadline.remove(&(open.deadline, id));
        }
    }

    fn sweep(&mut self, now: u64) {
        for _ in 0..SWEEPS {
            if self.completions.oldest_is_over(now) {
                self.completions.pop();
            }
            let first = self.by_deadline.first().map(|(_, id)| *id);
            if let Some(id) = first
                && (self.open.get(&id)).is_some_and(|open| open.forget_at <= now)
            {
                self.remove(id);
            }
        }
    }

    /// For a full store in which the sweep has found nothing.
    fn make_room(&mut self, now: u64) -> Result<(), String> {
        let ended = self.by_deadline.first().filter(|(end, _)| *end <= now);
        if let Some((_, id)) = ended.copied() {
            self.remove(id);
        } else if self.completions.pop().is_some() {
            self.forgotten = self.forgotten.saturating_add(1);
        } else {
            return Err(format!(
                "the memory store is full: {} deliveries are being handled at once; raise its capacity",
                self.capacity
            ));
        }
        Ok(())
    }
}
