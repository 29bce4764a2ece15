use std::ops::Deref;

use nano_webhook_core::dedupe::{Dedupe, DedupeBuilder};

use crate::answers::has_status;
use crate::bench::Bench;
use crate::http::Response;
use crate::probe::Probe;
use crate::report::Report;
use crate::settings::Settings;
use crate::signed::SignedRequest;
use crate::store::TestStore;
use crate::table::{Check, Table};
use crate::target::Target;

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
    report_dedupe_contract(target, |_| true).await.finish(80);
}

/// The rows whose names are wanted, to look at.
pub async fn report_dedupe_contract(target: &impl Target, wanted: impl Fn(&str) -> bool) -> Report {
    let mut table = Table::new(target);
    outcomes::add(&mut table);
    identity::add(&mut table);
    in_progress::add(&mut table);
    leases::add(&mut table);
    hang_ups::add(&mut table);
    unreachable::add(&mut table);
    refusals::add(&mut table);
    table.run("the contract of claims", wanted).await
}

/// What a row works on: a server behind a claim, its store, and its handler.
struct Claims {
    bench: Bench,
    probe: Probe,
    store: TestStore,
    dedupe: Dedupe,
}

impl Deref for Claims {
    type Target = Bench;

    fn deref(&self) -> &Bench {
        &self.bench
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
            let store = TestStore::new(target.patience());
            let probe = Probe::with_patience(target.patience());
            let dedupe = set(Dedupe::builder(store.clone(), "claims"))
                .build()
                .unwrap();
            let server = target
                .start_with_dedupe(settings.clone(), dedupe.clone(), probe.clone())
                .await;
            let claims = Claims {
                bench: Bench::new(&server, settings, target.patience()),
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
    async fn deliver(&self, task: &str) -> Result<Response, String> {
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
