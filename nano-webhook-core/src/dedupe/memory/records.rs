use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::fmt;

use super::moment::Moment;
use super::record::Record;
use super::room::Room;
use crate::dedupe::{BodyDigest, Claim, DeliveryId, OwnerToken, Ownership, Terms};

/// How many records that are due one claim deals with. Each record comes due
/// twice at most, so the work keeps ahead of what claims add, and no claim pays
/// for a whole night's.
const SWEEP: usize = 8;

/// Records, and for each state an order in which its records come due.
#[derive(Default)]
pub(super) struct Records {
    by_id: HashMap<DeliveryId, Record>,
    leased: Order,
    free: Order,
    completed: Order,
}

type Order = BTreeSet<(Moment, DeliveryId)>;

/// A claim's answer, and how many completions were forgotten by now if this
/// claim has cost one.
pub(super) struct Granted {
    pub(super) claim: Claim,
    pub(super) forgotten: Option<u64>,
}

impl Records {
    pub(super) fn claim(
        &mut self,
        now: Moment,
        room: &Room,
        id: DeliveryId,
        body: BodyDigest,
        owner: OwnerToken,
        terms: Terms,
    ) -> Result<Granted, Full> {
        let attempt = match self.at(now, id) {
            Some(Record::Completed { body, .. }) => return Ok(Claim::Completed { body }.into()),
            Some(Record::Leased {
                owner: holder,
                deadline,
                ..
            }) if holder != owner => {
                let remaining = deadline.remaining(now);
                return Ok(Claim::InProgress { remaining }.into());
            }
            Some(Record::Leased { attempt, .. }) => attempt,
            Some(Record::Free { attempt, .. }) => attempt.saturating_add(1),
            None => 1,
        };
        self.sweep(now, room);
        let mut forgotten = None;
        if !self.by_id.contains_key(&id) {
            while !room.take() {
                forgotten = self.make_room(now, room)?.or(forgotten);
            }
        }
        self.put(id, leased(now, owner, body, attempt, terms));
        Ok(Granted {
            claim: Claim::Acquired {
                attempt,
                taken_over: false,
            },
            forgotten,
        })
    }

    pub(super) fn renew(
        &mut self,
        now: Moment,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> Ownership {
        match self.held(now, id, owner) {
            Some((attempt, body)) => {
                self.put(id, leased(now, owner, body, attempt, terms));
                Ownership::Held
            }
            None => Ownership::Lost,
        }
    }

    pub(super) fn complete(
        &mut self,
        now: Moment,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> Ownership {
        if let Some((_, body)) = self.held(now, id, owner) {
            let forget_at = now.after(terms.retention);
            self.put(
                id,
                Record::Completed {
                    owner,
                    body,
                    forget_at,
                },
            );
            return Ownership::Held;
        }
        match self.at(now, id) {
            Some(Record::Completed { owner: by, .. }) if by == owner => Ownership::Held,
            _ => Ownership::Lost,
        }
    }

    pub(super) fn release(
        &mut self,
        now: Moment,
        id: DeliveryId,
        owner: OwnerToken,
        terms: Terms,
    ) -> Ownership {
        match self.held(now, id, owner) {
            Some((attempt, _)) => {
                let forget_at = now.after(terms.retention);
                self.put(id, Record::Free { attempt, forget_at });
                Ownership::Held
            }
            None => Ownership::Lost,
        }
    }

    fn at(&self, now: Moment, id: DeliveryId) -> Option<Record> {
        self.by_id.get(&id)?.at(now)
    }

    /// The attempt that this owner holds the lease for.
    fn held(&self, now: Moment, id: DeliveryId, owner: OwnerToken) -> Option<(u64, BodyDigest)> {
        match self.at(now, id)? {
            Record::Leased {
                owner: holder,
                attempt,
                body,
                ..
            } if holder == owner => Some((attempt, body)),
            _ => None,
        }
    }

    fn put(&mut self, id: DeliveryId, record: Record) {
        if let Some(old) = self.by_id.insert(id, record) {
            self.order_of(&old).remove(&(old.due(), id));
        }
        self.order_of(&record).insert((record.due(), id));
    }

    fn remove(&mut self, id: DeliveryId, room: &Room) {
        if let Some(old) = self.by_id.remove(&id) {
            self.order_of(&old).remove(&(old.due(), id));
            room.give_back();
        }
    }

    fn order_of(&mut self, record: &Record) -> &mut Order {
        match record {
            Record::Leased { .. } => &mut self.leased,
            Record::Free { .. } => &mut self.free,
            Record::Completed { .. } => &mut self.completed,
        }
    }

    /// Deals with some of what is due.
    fn sweep(&mut self, now: Moment, room: &Room) {
        for _ in 0..SWEEP {
            let Some(id) = [&self.leased, &self.free, &self.completed]
                .into_iter()
                .find_map(|order| due(order, now))
            else {
                return;
            };
            self.settle(id, now, room);
        }
    }

    /// Turns a record into what it amounts to now.
    fn settle(&mut self, id: DeliveryId, now: Moment, room: &Room) {
        match self.at(now, id) {
            Some(record) => self.put(id, record),
            None => self.remove(id, room),
        }
    }

    /// Gives back the room of at least one record. Says how many completions were
    /// forgotten by now if that took one.
    pub(super) fn make_room(&mut self, now: Moment, room: &Room) -> Result<Option<u64>, Full> {
        let before = self.by_id.len();
        // Each lease that ran out is turned once, so this is amortised too.
        while let Some(id) = due(&self.leased, now) {
            self.settle(id, now, room);
        }
        if self.by_id.len() < before {
            return Ok(None);
        }
        if let Some(id) = due(&self.completed, now) {
            self.remove(id, room);
            return Ok(None);
        }
        if let Some(&(_, id)) = self.free.first() {
            self.remove(id, room);
            return Ok(None);
        }
        let Some(&(_, id)) = self.completed.first() else {
            return Err(Full {
                capacity: room.capacity(),
            });
        };
        self.remove(id, room);
        Ok(Some(room.count_forgotten()))
    }
}

impl From<Claim> for Granted {
    fn from(claim: Claim) -> Self {
        Self {
            claim,
            forgotten: None,
        }
    }
}

fn leased(now: Moment, owner: OwnerToken, body: BodyDigest, attempt: u64, terms: Terms) -> Record {
    let deadline = now.after(terms.lease);
    Record::Leased {
        owner,
        body,
        attempt,
        deadline,
        forget_at: deadline.after(terms.retention),
    }
}

fn due(order: &Order, now: Moment) -> Option<DeliveryId> {
    let &(moment, id) = order.first()?;
    (moment <= now).then_some(id)
}

/// Every record is a lease that is running.
#[derive(Debug)]
pub(super) struct Full {
    capacity: usize,
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the memory store is full: {} deliveries are being handled at once; raise its capacity",
            self.capacity
        )
    }
}

impl Error for Full {}
