//! How a receiver stops.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::net::SocketAddr;

use futures_util::future::try_join_all;
use nano_webhook_test_kit::{Connection, Response, SignedRequest, until};
use tokio::sync::watch;

use super::example::{Example, SECRET, failed, failed_line};
use crate::answers::has_status;
use crate::table::{Check, ensure, equal};

/// Connections that deliver all the time.
const SENDERS: usize = 4;

/// Deliveries that are answered before the signal, and again after it.
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
    let addr = receiver.0.addr;
    has_status(&get(health, "/readyz").await?, 200)?;
    // The listener of the webhook shows nothing of it.
    has_status(&get(addr, "/readyz").await?, 404)?;

    let slow = SignedRequest::signed_now(SECRET, failed("slow")).whole();
    let (beginning, rest) = slow.split_at(slow.len() - 1);
    let mut slow = receiver.connect().await;
    slow.try_send(beginning).await?;

    let (answered, gone) = (watch::Sender::new(0), Cell::new(false));
    // One task after the other, on each connection for as long as the receiver wants.
    let senders = (0..SENDERS).map(async |number| {
        let mut connection = Connection::open(addr).await;
        let mut tasks = Vec::new();
        while !gone.get() {
            let task = format!("{number}-{}", tasks.len());
            let request = SignedRequest::signed_now(SECRET, failed(&task)).whole();
            let answer = connection.exchange(request).await?;
            has_status(&answer, 200).map_err(|error| format!("{task}: {error}"))?;
            if answer.closes() {
                connection = Connection::open(addr).await;
            }
            tasks.push(task);
            answered.send_modify(|count| *count += 1);
        }
        Ok(tasks)
    });
    let stop = async {
        until(&answered, |count| *count >= AWAITED).await?;
        let before = *answered.borrow();
        receiver.0.process.signal("-TERM");
        while get(health, "/readyz").await?.status != 503 {}
        has_status(&get(health, "/healthz").await?, 200)?;
        until(&answered, |count| *count >= before + AWAITED).await?;
        gone.set(true);
        Ok::<(), String>(())
    };
    let (tasks, ()) = tokio::try_join!(try_join_all(senders), stop)?;
    let mut tasks: BTreeSet<String> = tasks.concat().into_iter().collect();
    tasks.insert("slow".to_owned());
    slow.try_send(rest).await?;
    has_status(&slow.receive().await?, 200)?;
    ended(&mut receiver).await?;

    while let Ok(line) = receiver.line().await {
        let task = line["task_id"].as_str().unwrap_or_default();
        let answered = tasks.remove(task);
        ensure(answered, format!("{task} is printed too often"))?;
    }
    equal("answered and not printed", tasks, BTreeSet::new())
}

async fn ended(receiver: &mut Example) -> Check {
    let code = receiver.0.process.ended().await?;
    equal("its exit code", code, 0)
}

async fn get(addr: SocketAddr, path: &str) -> Result<Response, String> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\n\r\n");
    Ok(Connection::connect(addr).await?.exchange(request).await?)
}
