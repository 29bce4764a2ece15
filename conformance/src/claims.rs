use std::ops::Deref;

use nano_webhook_core::dedupe::{Dedupe, DedupeBuilder};

use crate::answers::has_status;
use crate::probe::Probe;
use crate::settings::Settings;
use crate::table::{Check, Table};
use crate::target::Target;
use crate::trial::Trial;
use nano_webhook_test_kit::{End, Response, SignedRequest, TestStore};

mod hang_ups;
mod identity;
mod in_progress;
mod leases;
mod outcomes;
mod refusals;
mod unreachable;

/// The contract of claims, as a sender and a handler see it.
///
/// # Panics
/// With the table, if a row differs.
pub async fn run_dedupe_contract(target: &impl Target) {
    let mut table = Table::new(target);
    outcomes::add(&mut table);
    identity::add(&mut table);
    in_progress::add(&mut table);
    leases::add(&mut table);
    hang_ups::add(&mut table);
    unreachable::add(&mut table);
    refusals::add(&mut table);
    table.run("the contract of claims", 89).await;
}

/// What a row works on: a server behind a claim, its store, and its handler.
struct Claims {
    trial: Trial,
    probe: Probe,
    store: TestStore,
    dedupe: Dedupe,
}

impl Deref for Claims {
    type Target = Trial;

    fn deref(&self) -> &Trial {
        &self.trial
    }
}

impl<'t, T: Target> Table<'t, T> {
    fn claims<C>(&mut self, name: impl Into<String>, check: C)
    where
        C: AsyncFnOnce(&Claims) -> Check + 't,
    {
        self.claims_with(name, Settings::default(), |dedupe| dedupe, check);
    }

    fn claims_with<C>(
        &mut self,
        name: impl Into<String>,
        settings: Settings,
        set: impl FnOnce(DedupeBuilder) -> DedupeBuilder + 't,
        check: C,
    ) where
        C: AsyncFnOnce(&Claims) -> Check + 't,
    {
        let target = self.target;
        self.push(name, async move {
            let store = TestStore::new();
            let probe = Probe::default();
            let dedupe = set(Dedupe::builder(store.clone(), "claims"))
                .build()
                .unwrap();
            let server = target
                .start_with_dedupe(settings.clone(), dedupe.clone(), probe.clone())
                .await;
            let claims = Claims {
                trial: Trial::new(&server, settings),
                probe,
                store,
                dedupe,
            };
            check(&claims).await
        });
    }
}

impl Claims {
    /// Delivers this task.
    async fn deliver(&self, task: &str) -> Result<Response, End> {
        self.post(&SignedRequest::for_task(task)).await
    }

    /// Delivers this task, and gets this status.
    async fn gets(&self, task: &str, status: u16) -> Check {
        let answer = self.deliver(task).await?;
        has_status(&answer, status)
    }

    /// Delivers this task, and is told that it is being handled. Returns after
    /// how many seconds to come back.
    async fn gets_in_progress(&self, task: &str) -> Result<u64, String> {
        let answer = self.deliver(task).await?;
        self.refused_on_http1(&answer, "in_progress")?;
        crate::answers::retry_after(&answer)
    }

    fn has_calls(&self, calls: usize) -> Check {
        match self.probe.calls() == calls {
            true => Ok(()),
            false => Err(format!(
                "the handler was called {} times, not {calls}",
                self.probe.calls()
            )),
        }
    }
}
