use std::time::Duration;

use nano_webhook_core::dedupe::{
    Claim, Dedupe, DedupeStore, DeliveryId, LeaseToken, MemoryStore, Namespace, Ownership,
    StoreError, Terms,
};

use crate::http::{Connection, Response};
use crate::probe::Probe;
use crate::report::Report;
use crate::settings::Settings;
use crate::signed::SignedRequest;
use crate::target::{Server, Target};
use crate::verdicts::check_problem;

/// Claims, as a sender sees them.
///
/// # Panics
/// With the list of all that differs.
pub async fn run_dedupe_contract(target: &impl Target) {
    let mut report = Report::new("the contract of claims");
    let memory = || Dedupe::new(MemoryStore::default());
    let case = async |dedupe: Dedupe| {
        let probe = Probe::default();
        let server = target
            .start_with_dedupe(Settings::default(), dedupe, probe.clone())
            .await;
        (server, probe)
    };

    let (server, probe) = case(memory()).await;
    report.add(
        "a duplicate is answered 200, unhandled",
        duplicate(&server, &probe).await,
    );
    let (server, probe) = case(memory()).await;
    report.add("in progress elsewhere", in_progress(&server, &probe).await);
    let (server, probe) = case(memory()).await;
    report.add("a failed handler releases", failed(&server, &probe).await);
    let (server, probe) = case(memory()).await;
    report.add(
        "a handler that panics releases",
        panicked(&server, &probe).await,
    );
    let (server, probe) = case(memory()).await;
    report.add(
        "a client that hangs up cuts nothing off",
        hung_up(&server, &probe).await,
    );
    let (server, probe) = case(memory()).await;
    report.add("a forgery claims nothing", forged(&server, &probe).await);
    let (server, probe) = case(memory().lease(Duration::from_millis(300))).await;
    report.add(
        "a lease is renewed while its handler lives",
        renewed(&server, &probe).await,
    );
    let (server, probe) = case(Dedupe::new(BrokenStore(Namespace::process()))).await;
    report.add(
        "the store is unreachable",
        unavailable(&server, &probe).await,
    );
    let (server, probe) = case(Dedupe::new(BrokenStore(Namespace::process())).fail_open()).await;
    report.add(
        "the store is unreachable, failing open",
        failed_open(&server, &probe).await,
    );
    report.finish(9);
}

async fn post(server: &Server, task: &str) -> Result<Response, String> {
    let mut connection = Connection::open(server.addr).await;
    connection
        .exchange(&SignedRequest::for_task(task).whole())
        .await
}

async fn expect(server: &Server, task: &str, status: u16) -> Result<Response, String> {
    let answer = post(server, task).await?;
    if answer.status != status {
        return Err(format!(
            "got {} {:?}, not {status}",
            answer.status,
            answer.code()
        ));
    }
    Ok(answer)
}

fn expect_calls(probe: &Probe, calls: usize) -> Result<(), String> {
    (probe.calls() == calls)
        .then_some(())
        .ok_or_else(|| format!("{} calls, not {calls}", probe.calls()))
}

async fn duplicate(server: &Server, probe: &Probe) -> Result<(), String> {
    for _ in 0..3 {
        expect(server, "task", 200).await?;
    }
    expect_calls(probe, 1)?;
    expect(server, "another task", 200).await?;
    expect_calls(probe, 2)
}

async fn in_progress(server: &Server, probe: &Probe) -> Result<(), String> {
    let mut first = Connection::open(server.addr).await;
    first.send(&SignedRequest::for_task("hold").whole()).await;
    probe.until_begun().await;
    let answer = expect(server, "hold", 503).await?;
    check_problem(&answer, "in_progress")?;
    let seconds: Option<u64> = answer
        .header("retry-after")
        .and_then(|text| text.parse().ok());
    if !seconds.is_some_and(|seconds| (1..=30).contains(&seconds)) {
        return Err(format!("Retry-After is {seconds:?}"));
    }
    probe.let_go();
    let answer = first.receive().await?;
    if answer.status != 200 {
        return Err(format!("the first got {}", answer.status));
    }
    expect(server, "hold", 200).await?;
    expect_calls(probe, 1)
}

async fn failed(server: &Server, probe: &Probe) -> Result<(), String> {
    expect(server, "fail", 500).await?;
    expect(server, "fail", 200).await?;
    expect(server, "fail", 200).await?;
    expect_calls(probe, 2)
}

async fn panicked(server: &Server, probe: &Probe) -> Result<(), String> {
    // What a panic looks like from outside is the framework's business.
    match post(server, "panic").await {
        Ok(answer) if answer.status < 500 => return Err(format!("got {}", answer.status)),
        _ => {}
    }
    expect(server, "panic", 200).await?;
    expect_calls(probe, 2)
}

async fn hung_up(server: &Server, probe: &Probe) -> Result<(), String> {
    let mut connection = Connection::open(server.addr).await;
    connection
        .send(&SignedRequest::for_task("hold").whole())
        .await;
    probe.until_begun().await;
    drop(connection);
    // While the handler goes on, its claim is held.
    expect(server, "hold", 503).await?;
    probe.let_go();
    probe.until_ended().await;
    until_completed(server, "hold").await?;
    expect_calls(probe, 1)
}

/// The handler has ended; its claim is completed right after that.
async fn until_completed(server: &Server, task: &str) -> Result<(), String> {
    for _ in 0..1000 {
        let answer = post(server, task).await?;
        match answer.status {
            200 => return Ok(()),
            503 => tokio::time::sleep(Duration::from_millis(5)).await,
            other => return Err(format!("got {other}")),
        }
    }
    Err("the claim was never completed".to_owned())
}

async fn forged(server: &Server, probe: &Probe) -> Result<(), String> {
    let mut forgery = SignedRequest::for_task("task");
    forgery.body.push(b' ');
    let mut connection = Connection::open(server.addr).await;
    let answer = connection.exchange(&forgery.whole()).await?;
    if answer.status != 401 {
        return Err(format!("got {}", answer.status));
    }
    expect_calls(probe, 0)?;
    expect(server, "task", 200).await?;
    expect_calls(probe, 1)
}

/// Several leases long, the handler is the only one.
async fn renewed(server: &Server, probe: &Probe) -> Result<(), String> {
    let mut first = Connection::open(server.addr).await;
    first.send(&SignedRequest::for_task("hold").whole()).await;
    probe.until_begun().await;
    for _ in 0..6 {
        // Time itself is what is tested here: two leases must pass.
        tokio::time::sleep(Duration::from_millis(150)).await;
        expect(server, "hold", 503).await?;
    }
    probe.let_go();
    let answer = first.receive().await?;
    if answer.status != 200 {
        return Err(format!("the first got {}", answer.status));
    }
    expect_calls(probe, 1)
}

async fn unavailable(server: &Server, probe: &Probe) -> Result<(), String> {
    let answer = expect(server, "task", 503).await?;
    check_problem(&answer, "store_unavailable")?;
    expect_calls(probe, 0)
}

async fn failed_open(server: &Server, probe: &Probe) -> Result<(), String> {
    expect(server, "task", 200).await?;
    expect(server, "task", 200).await?;
    expect_calls(probe, 2)
}

/// A store that nobody reaches.
struct BrokenStore(Namespace);

impl DedupeStore for BrokenStore {
    fn namespace(&self) -> &Namespace {
        &self.0
    }

    async fn claim(&self, _: DeliveryId, _: LeaseToken, _: Terms) -> Result<Claim, StoreError> {
        Err(StoreError::new("nobody is there"))
    }

    async fn renew(&self, _: DeliveryId, _: LeaseToken, _: Terms) -> Result<Ownership, StoreError> {
        Err(StoreError::new("nobody is there"))
    }

    async fn complete(
        &self,
        _: DeliveryId,
        _: LeaseToken,
        _: Terms,
    ) -> Result<Ownership, StoreError> {
        Err(StoreError::new("nobody is there"))
    }

    async fn release(
        &self,
        _: DeliveryId,
        _: LeaseToken,
        _: Terms,
    ) -> Result<Ownership, StoreError> {
        Err(StoreError::new("nobody is there"))
    }
}
