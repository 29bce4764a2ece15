use std::convert::identity;
use std::ops::Deref;

use nano_webhook_core::dedupe::{Dedupe, DedupeBuilder};
use nano_webhook_test_kit::{
    Connection, End, PATIENCE, Response, SignedRequest, StoreCall, TestStore,
};
use tokio::time::timeout;

use crate::answers::{has_status, retry_after};
use crate::probe::Probe;
use crate::settings::Settings;
use crate::table::{Check, Table, equal};
use crate::target::Target;
use crate::trial::Trial;

mod hang_ups;
mod identity;
mod in_progress;
mod leases;
mod outcomes;
mod rejections;
mod unreachable;

/// The contract of claims, as a sender and a handler see it.
pub async fn run_dedupe_contract(target: &impl Target) {
    let mut table = Table::new(target);
    outcomes::add(&mut table);
    identity::add(&mut table);
    in_progress::add(&mut table);
    leases::add(&mut table);
    hang_ups::add(&mut table);
    unreachable::add(&mut table);
    rejections::add(&mut table);
    table.rows.run("the contract of claims", 87).await;
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
        self.add_claims(name.into(), Settings::default(), identity, check);
    }

    fn claims_with<C>(&mut self, name: &str, set: fn(DedupeBuilder) -> DedupeBuilder, check: C)
    where
        C: AsyncFnOnce(&Claims) -> Check + 't,
    {
        self.add_claims(name.to_owned(), Settings::default(), set, check);
    }

    fn add_claims<C>(
        &mut self,
        name: String,
        settings: Settings,
        set: fn(DedupeBuilder) -> DedupeBuilder,
        check: C,
    ) where
        C: AsyncFnOnce(&Claims) -> Check + 't,
    {
        let target = self.target;
        self.rows.push(name, async move {
            let store = TestStore::new();
            let probe = Probe::default();
            let dedupe = set(Dedupe::builder(store.clone(), "claims"));
            let dedupe = dedupe.build().unwrap();
            let server = target.start_with_dedupe(settings.clone(), dedupe.clone(), probe.clone());
            let server = server.await;
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
    async fn deliver(&self, task: &str) -> Result<Response, End> {
        self.post(&SignedRequest::for_task(task)).await
    }

    /// Sends this task, and does not wait for its answer.
    async fn send_task(&self, task: &str) -> Result<Connection, End> {
        self.trial
            .begin(SignedRequest::for_task(task).whole())
            .await
    }

    /// The same, until its handler is the `count`th to begin.
    async fn begin(&self, task: &str, count: usize) -> Result<Connection, String> {
        let connection = self.send_task(task).await?;
        self.probe.until_begun(count).await?;
        Ok(connection)
    }

    /// The same, until the store keeps its answer to this call to itself.
    async fn held_at(&self, call: StoreCall, task: &str) -> Result<Connection, String> {
        self.store.hold(&[call]);
        let connection = self.send_task(task).await?;
        self.store.until_asked(call, 1).await?;
        Ok(connection)
    }

    async fn gets(&self, task: &str, status: u16) -> Check {
        has_status(&self.deliver(task).await?, status)
    }

    /// Delivers this task, and is told that it is being handled. Returns after
    /// how many seconds to come back.
    async fn gets_in_progress(&self, task: &str) -> Result<u64, String> {
        let answer = self.deliver(task).await?;
        self.rejected(&answer, "in_progress")?;
        retry_after(&answer)
    }

    fn has_calls(&self, calls: usize) -> Check {
        equal("calls of the handler", self.probe.calls(), calls)
    }

    async fn drained(&self) -> Check {
        let drained = timeout(PATIENCE, self.dedupe.drained()).await;
        drained.map_err(|_| "never drained".to_owned())
    }
}
