use std::fmt;
use std::future::Future;
use std::time::Duration;

use futures_util::future::join_all;

use super::cases::{CASES, Case};
use super::model::Model;
use super::names::Names;
use super::step::{Actual, Answer, Call, Expected, Pace, Step, Tenths};
use super::violation::Violation;
use crate::dedupe::{DedupeStore, DeliveryId, LeaseToken, StoreError, Terms};

/// A store under test.
///
/// Each trial uses identities of its own, so several can share a store, and a
/// store need not be empty.
pub struct Acceptance<'a, S, F> {
    store: &'a S,
    unit: Duration,
    sleep: F,
}

impl<'a, S, F, T> Acceptance<'a, S, F>
where
    S: DedupeStore,
    F: Fn(Duration) -> T,
    T: Future<Output = ()>,
{
    /// Tests this store.
    ///
    /// `unit` is the grain of time: leases and retentions are 1.2 to 9.3 units,
    /// and a fifth of one must be long beside what a call takes on a loaded
    /// machine. `sleep` lets time pass for the store, by waiting, or by moving
    /// the store's clock.
    #[must_use]
    pub fn new(store: &'a S, unit: Duration, sleep: F) -> Self {
        Self { store, unit, sleep }
    }

    /// Everything: [`contract`](Self::contract),
    /// [`contention`](Self::contention) of 32 and [`crowding`](Self::crowding)
    /// by 100.
    ///
    /// # Errors
    /// The first [`Violation`].
    pub async fn all(&self) -> Result<(), Violation> {
        self.contract().await?;
        self.contention(32).await?;
        self.crowding(100).await
    }

    /// Each cell of the contract's table, and the passing of time: some fifty
    /// conversations with the store. In real time they take 127 units.
    ///
    /// # Errors
    /// The first [`Violation`].
    pub async fn contract(&self) -> Result<(), Violation> {
        for case in CASES {
            self.case(case).await?;
        }
        Ok(())
    }

    /// Of many calls at once, one wins. The calls are made concurrently on one
    /// task; whether a store is safe under threads is for its own tests.
    ///
    /// # Errors
    /// The first [`Violation`].
    pub async fn contention(&self, callers: u8) -> Result<(), Violation> {
        const CASE: &str = "contention";
        let names = Names::new()?;
        let callers = 0..callers.max(2);
        let in_progress = Answer::InProgress(Pace::Long.lease());
        let rounds = [
            (Call::Claim, Answer::Acquired(1), in_progress),
            (Call::Release, Answer::Held, Answer::Lost),
            (Call::Claim, Answer::Acquired(2), in_progress),
            (Call::Complete, Answer::Held, Answer::Lost),
        ];
        for (round, (call, winner, loser)) in rounds.into_iter().enumerate() {
            let answers =
                join_all(callers.clone().map(|owner| {
                    self.call(call, names.delivery(0), names.owner(owner), Pace::Long)
                }))
                .await;
            let mut winners = 0_usize;
            for answer in answers {
                let answer =
                    answer.map_err(|error| Violation::failed(CASE, Round(round, call), &error))?;
                if winner.admits(answer, self.unit) {
                    winners += 1;
                } else if !loser.admits(answer, self.unit) {
                    let expected = format_args!("{winner} or {loser}");
                    return Err(unexpected(CASE, Round(round, call), expected, answer));
                }
            }
            if winners != 1 {
                return Err(Violation::new(
                    CASE,
                    Round(round, call),
                    format_args!("{winners} callers were answered {winner}"),
                ));
            }
        }
        Ok(())
    }

    /// A lease that is held stays, however many other deliveries come and go. To
    /// a store with a bound, give more than it can hold.
    ///
    /// # Errors
    /// The first [`Violation`].
    pub async fn crowding(&self, others: u32) -> Result<(), Violation> {
        const CASE: &str = "crowding";
        let names = Names::new()?;
        let held = names.delivery(0);
        let (holder, other) = (names.owner(0), names.owner(1));
        self.expect(CASE, Call::Claim, held, holder, Answer::Acquired(1))
            .await?;
        for number in 1..=others {
            let delivery = names.delivery(number);
            self.expect(CASE, Call::Claim, delivery, other, Answer::Acquired(1))
                .await?;
            let end = if number % 2 == 0 {
                Call::Release
            } else {
                Call::Complete
            };
            self.expect(CASE, end, delivery, other, Answer::Held)
                .await?;
        }
        let answer = self
            .call(Call::Claim, held, other, Pace::Long)
            .await
            .map_err(|error| Violation::failed(CASE, "Claim", &error))?;
        if !matches!(answer, Answer::InProgress(_)) {
            return Err(unexpected(CASE, "Claim", "InProgress", answer));
        }
        self.expect(CASE, Call::Complete, held, holder, Answer::Held)
            .await
    }

    /// Makes these steps, and compares each answer with the model's.
    ///
    /// ```
    /// # #[cfg(feature = "memory-store")] {
    /// # use std::time::Duration;
    /// # use nano_webhook_core::dedupe::acceptance::{Acceptance, Step};
    /// # use nano_webhook_core::dedupe::{ManualClock, MemoryStore};
    /// # futures_util::future::FutureExt::now_or_never(async {
    /// # let clock = ManualClock::default();
    /// # let store = MemoryStore::with_clock(100, &clock)?;
    /// # let sleep = |time| { clock.advance(time); std::future::ready(()) };
    /// // From a property test: vec(any::<[u8; 4]>(), 1..60)
    /// let steps: Vec<Step> = [[0, 0, 0, 0], [6, 0, 0, 3], [4, 0, 0, 0], [0, 0, 1, 0]]
    ///     .map(Step::from_bytes)
    ///     .to_vec();
    /// Acceptance::new(&store, Duration::from_secs(60), sleep).steps(&steps).await?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap().unwrap();
    /// # }
    /// ```
    ///
    /// # Errors
    /// The first [`Violation`].
    pub async fn steps(&self, steps: &[Step]) -> Result<(), Violation> {
        const CASE: &str = "the model";
        let names = Names::new()?;
        let mut model = Model::default();
        for (index, step) in steps.iter().enumerate() {
            let answer = self.make(CASE, &names, index, step).await?;
            match (*step, answer) {
                (
                    Step::Call {
                        call,
                        delivery,
                        owner,
                        pace,
                    },
                    Some(answer),
                ) => model
                    .judge((call, delivery, owner, pace), answer, self.unit)
                    .map_err(|allowed| {
                        let allowed: Vec<_> = allowed.iter().map(ToString::to_string).collect();
                        unexpected(CASE, At(index, step), allowed.join(" or "), answer)
                    })?,
                (Step::Wait { units }, _) => model.wait(units),
                (Step::Call { .. }, None) => {}
            }
        }
        Ok(())
    }

    async fn case(&self, case: &Case) -> Result<(), Violation> {
        let names = Names::new()?;
        for (index, line) in case.lines.iter().enumerate() {
            let answer = self.make(case.name, &names, index, &line.step).await?;
            if let (Some(expected), Some(answer)) = (line.expected, answer)
                && !expected.admits(answer, self.unit)
            {
                let step = At(index, &line.step);
                return Err(unexpected(case.name, step, expected, answer));
            }
        }
        Ok(())
    }

    /// Makes a step. A wait has no answer.
    async fn make(
        &self,
        case: &str,
        names: &Names,
        index: usize,
        step: &Step,
    ) -> Result<Option<Actual>, Violation> {
        match *step {
            Step::Wait { units } => {
                (self.sleep)(Tenths::units(units).of(self.unit)).await;
                Ok(None)
            }
            Step::Call {
                call,
                delivery,
                owner,
                pace,
            } => {
                let (id, owner) = (names.delivery(delivery.into()), names.owner(owner));
                match self.call(call, id, owner, pace).await {
                    Ok(answer) => Ok(Some(answer)),
                    Err(error) => Err(Violation::failed(case, At(index, step), &error)),
                }
            }
        }
    }

    async fn expect(
        &self,
        case: &str,
        call: Call,
        delivery: DeliveryId,
        owner: LeaseToken,
        expected: Expected,
    ) -> Result<(), Violation> {
        let answer = self
            .call(call, delivery, owner, Pace::Long)
            .await
            .map_err(|error| Violation::failed(case, format_args!("{call:?}"), &error))?;
        if expected.admits(answer, self.unit) {
            Ok(())
        } else {
            Err(unexpected(case, format_args!("{call:?}"), expected, answer))
        }
    }

    async fn call(
        &self,
        call: Call,
        id: DeliveryId,
        owner: LeaseToken,
        pace: Pace,
    ) -> Result<Actual, StoreError> {
        let terms: Terms = pace.terms(self.unit);
        match call {
            Call::Claim => self.store.claim(id, owner, terms).await.map(Into::into),
            Call::Renew => self.store.renew(id, owner, terms).await.map(Into::into),
            Call::Complete => self.store.complete(id, owner, terms).await.map(Into::into),
            Call::Release => self.store.release(id, owner, terms).await.map(Into::into),
        }
    }
}

impl<S: fmt::Debug, F> fmt::Debug for Acceptance<'_, S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acceptance")
            .field("store", &self.store)
            .field("unit", &self.unit)
            .finish_non_exhaustive()
    }
}

fn unexpected(
    case: impl fmt::Display,
    step: impl fmt::Display,
    expected: impl fmt::Display,
    answer: Actual,
) -> Violation {
    Violation::new(
        case,
        step,
        format_args!("expected {expected}, the store answered {answer}"),
    )
}

/// Where in a sequence.
struct At<'a>(usize, &'a Step);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {}, {:?}", self.0 + 1, self.1)
    }
}

struct Round(usize, Call);

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "round {}, {:?}", self.0 + 1, self.1)
    }
}
