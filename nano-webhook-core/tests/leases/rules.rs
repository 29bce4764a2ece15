use std::collections::BTreeMap;
use std::time::Duration;

use nano_webhook_core::dedupe::{Claim, DeliveryId, Ownership};

use crate::world::{Call, Point, Reply, Wait, Worker};

/// What must hold, kept apart from the store: the first violation is remembered.
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
    forget_at: Duration,
    completed: bool,
    /// The deadline of each owner's lease; none once it has passed.
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

    pub(crate) fn judge(&mut self, wait: &Wait, succeeded: bool, now: Duration) {
        let (owner, at) = (wait.worker, wait.at);
        let Some(Call {
            id,
            terms,
            reply: Some(reply),
            ..
        }) = wait.call
        else {
            return;
        };
        let seen = self.seen.entry(id).or_default();
        let holds = seen.holder == Some(owner);
        let mut must = |holds: bool, rule: &str| {
            if !holds {
                self.violation
                    .get_or_insert_with(|| format!("{rule}; {at:?} of {owner}"));
            }
        };
        match reply {
            Reply::Claim(Claim::Acquired { attempt, .. }) => {
                let forgotten = now >= seen.forget_at;
                must(
                    !seen.completed || forgotten,
                    "a completed delivery is not handled again",
                );
                must(attempt > seen.attempt || forgotten, "attempts grow");
                seen.holder = Some(owner);
                seen.completed = false;
                seen.attempt = attempt;
            }
            Reply::Claim(Claim::Completed { .. }) => {
                return must(seen.completed, "only a success makes duplicates");
            }
            Reply::Claim(_) | Reply::Ownership(Ownership::Lost) => return,
            Reply::Ownership(Ownership::Held) => {
                must(holds, "only the latest owner changes the record");
                match at {
                    Point::Complete => {
                        must(succeeded, "only a success completes");
                        if !seen.completed {
                            seen.completed = true;
                            seen.forget_at = now + terms.retention;
                        }
                        seen.leases.remove(&owner);
                        return;
                    }
                    Point::Release => {
                        seen.holder = None;
                        seen.forget_at = now + terms.retention;
                        seen.leases.remove(&owner);
                        return;
                    }
                    _ => must(!seen.completed, "a completion is not renewed"),
                }
            }
        }
        seen.forget_at = now + terms.lease + terms.retention;
        seen.leases.insert(owner, Some(now + terms.lease));
    }

    /// A handler that has not been told otherwise holds the lease, or its lease has
    /// run out at the store.
    pub(crate) fn exclusive(&mut self, workers: &[Worker]) {
        for (worker, lease) in workers.iter().enumerate() {
            let Some(lease) = (lease.lease.as_ref()).filter(|handle| {
                lease.succeeded.is_none() && lease.ended.is_none() && !handle.is_lost()
            }) else {
                continue;
            };
            let seen = &self.seen[&lease.delivery_id()];
            if seen.holder != Some(worker) && matches!(seen.leases.get(&worker), Some(Some(_))) {
                self.violation
                    .get_or_insert_with(|| format!("one owner at a time; {worker} is not alone"));
            }
        }
    }
}
