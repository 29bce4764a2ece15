//! How a receiver stops.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nano_webhook_test_kit::{Connection, SignedRequest};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::example::{Example, SECRET, expect, failed, failed_line};
use crate::table::Check;

/// Connections that deliver all the time.
const SENDERS: usize = 4;

/// Deliveries that are awaited before the signal, and again after the receiver has said
/// that it is not ready.
const AWAITED: usize = 200;

pub(super) async fn interrupted(program: &str) -> Check {
    let mut receiver = Example::start(program, &[]).await?;
    receiver.gets(&failed("last"), 200).await?;
    receiver.prints(&failed_line("last")).await?;
    receiver.0.process.signal("-INT");
    ended(&mut receiver).await
}

/// The load balancer goes elsewhere once the receiver has said that it is not ready.
/// Until then, and after, every delivery is answered 200 and printed once.
pub(super) async fn drained(program: &str) -> Check {
    let mut receiver = Example::start(program, &[]).await?;
    let health = receiver.0.health.ok_or("it has no health checks")?;
    expect_health(health, "/readyz", 200).await?;
    // The listener of the webhook shows nothing of it.
    expect_health(receiver.0.addr, "/readyz", 404).await?;

    let slow = SignedRequest::signed_now(SECRET, failed("slow")).whole();
    let (beginning, rest) = slow.split_at(slow.len() - 1);
    let mut slow = receiver.connect().await;
    slow.try_send(beginning).await?;

    let gone = Arc::new(AtomicBool::new(false));
    let (sender, mut answered) = unbounded_channel();
    for number in 0..SENDERS {
        let (addr, gone, sender) = (receiver.0.addr, Arc::clone(&gone), sender.clone());
        tokio::spawn(async move {
            if let Err(error) = send(addr, number, &gone, &sender).await {
                let _ = sender.send(Err(error));
            }
        });
    }
    drop(sender);
    let mut tasks = BTreeSet::from(["slow".to_owned()]);
    take(&mut answered, AWAITED, &mut tasks).await?;

    receiver.0.process.signal("-TERM");
    while health_status(health, "/readyz").await? != 503 {}
    expect_health(health, "/healthz", 200).await?;
    take(&mut answered, AWAITED, &mut tasks).await?;
    gone.store(true, Ordering::Relaxed);
    take(&mut answered, usize::MAX, &mut tasks).await?;
    slow.try_send(rest).await?;
    expect(&slow.receive().await?, 200)?;
    ended(&mut receiver).await?;

    while let Ok(line) = receiver.0.process.line().await {
        let line: serde_json::Value =
            serde_json::from_str(&line).map_err(|error| format!("{line:?}: {error}"))?;
        let task = line["task_id"].as_str().unwrap_or_default();
        if !tasks.remove(task) {
            return Err(format!("{task} was printed, but not answered, or twice"));
        }
    }
    match tasks.is_empty() {
        true => Ok(()),
        false => Err(format!("answered, but not printed: {tasks:?}")),
    }
}

/// Delivers one task after the other, each connection for as long as the receiver wants.
async fn send(
    addr: SocketAddr,
    number: usize,
    gone: &AtomicBool,
    answered: &UnboundedSender<Result<String, String>>,
) -> Check {
    let mut connection = Connection::open(addr).await;
    for count in 0.. {
        if gone.load(Ordering::Relaxed) {
            break;
        }
        let task = format!("{number}-{count}");
        let request = SignedRequest::signed_now(SECRET, failed(&task));
        let answer = connection.exchange(request.whole()).await?;
        expect(&answer, 200).map_err(|error| format!("{task}: {error}"))?;
        if answer.closes() {
            connection = Connection::open(addr).await;
        }
        let _ = answered.send(Ok(task));
    }
    Ok(())
}

/// Takes so many tasks, or all that are left.
async fn take(
    answered: &mut UnboundedReceiver<Result<String, String>>,
    count: usize,
    tasks: &mut BTreeSet<String>,
) -> Check {
    for _ in 0..count {
        match answered.recv().await {
            Some(task) => tasks.insert(task?),
            None => break,
        };
    }
    Ok(())
}

async fn ended(receiver: &mut Example) -> Check {
    match receiver.0.process.ended().await? {
        0 => Ok(()),
        code => Err(format!("it ended with {code}")),
    }
}

async fn expect_health(addr: SocketAddr, path: &str, status: u16) -> Check {
    match health_status(addr, path).await? {
        got if got == status => Ok(()),
        got => Err(format!("{path} is answered {got}, not {status}")),
    }
}

async fn health_status(addr: SocketAddr, path: &str) -> Result<u16, String> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\n\r\n");
    let mut connection = Connection::connect(addr).await?;
    Ok(connection.exchange(request).await?.status)
}
