use std::collections::BTreeMap;
use std::time::Duration;

use nano_webhook_core::dedupe::{Claim, DeliveryId, Ownership};

use crate::world::{Point, Reply, Wait, Worker};

/// What must hold, whatever the store keeps. Remembers the first violation.
#[derive(Default)]
pub(crate) struct Rules {
    pub(crate) seen: BTreeMap<DeliveryId, Seen>,
    pub(crate) violation: Option<String>,
}

/// What the store has said of a delivery.
#[derive(Default, Hash)]
pub(crate) struct Seen {
    holder: Option<usize>,
    attempt: u64,
    completed: bool,
    forget_at: Duration,
    /// The deadlines of the leases; none once they have run out.
    leases: BTreeMap<usize, Option<Duration>>,
}

impl Rules {
    pub(crate) fn completed(&self, id: DeliveryId, now: Duration) -> bool {
        (self.seen.get(&id)).is_some_and(|seen| seen.completed && now < seen.forget_at)
    }

    pub(crate) fn time_is(&mut self, now: Duration) {
        for lease in self
            .seen
            .values_mut()
            .flat_map(|seen| seen.leases.values_mut())
        {
            *lease = lease.filter(|deadline| *deadline > now);
        }
    }

    /// Of a call that took effect.
    pub(crate) fn judge(&mut self, wait: &Wait, succeeded: bool, now: Duration) {
        let (owner, (id, _, terms)) = (wait.worker, wait.call.unwrap());
        let seen = self.seen.entry(id).or_default();
        let mut must = |holds: bool, rule: &str| {
            if !holds {
                let violation = || format!("{rule}; {:?} of {owner}", wait.at);
                self.violation.get_or_insert_with(violation);
            }
        };
        match wait.reply.unwrap() {
            Reply::Claim(Claim::Completed { .. }) => {
                return must(seen.completed, "a duplicate was handled");
            }
            Reply::Claim(Claim::InProgress { .. }) | Reply::Ownership(Ownership::Lost) => return,
            Reply::Claim(Claim::Acquired { attempt, .. }) => {
                let forgotten = now >= seen.forget_at;
                must(
                    !seen.completed || forgotten,
                    "a completed delivery is not handled again",
                );
                must(attempt > seen.attempt || forgotten, "attempts grow");
                (seen.holder, seen.attempt, seen.completed) = (Some(owner), attempt, false);
            }
            Reply::Ownership(Ownership::Held) => {
                must(
                    seen.holder == Some(owner),
                    "only the latest owner changes a record",
                );
            }
        }
        if seen.completed && wait.at == Point::Complete {
            return;
        }
        seen.leases.remove(&owner);
        seen.forget_at = now + terms.retention;
        match wait.at {
            Point::Complete => {
                must(succeeded, "only a success completes");
                seen.completed = true;
            }
            Point::Release => seen.holder = None,
            _ => {
                must(!seen.completed, "a completion is not renewed");
                seen.leases.insert(owner, Some(now + terms.lease));
                seen.forget_at += terms.lease;
            }
        }
    }

    /// A handler holds its lease, unless the lease has run out at the store or the
    /// handler knows that it is lost.
    pub(crate) fn exclusive(&mut self, workers: &[Worker]) {
        for (number, worker) in workers.iter().enumerate() {
            let handles = worker.succeeded.is_none() && worker.ended.is_none();
            if let Some(lease) = worker
                .lease
                .as_ref()
                .filter(|lease| handles && !lease.is_lost())
                && let Some(seen) = self.seen.get(&lease.delivery_id())
                && seen.leases.get(&number) != Some(&None)
                && seen.holder != Some(number)
            {
                let violation = || format!("one owner at a time; {number} is not alone");
                self.violation.get_or_insert_with(violation);
            }
        }
    }
}
