//! What the example receivers survive, as processes of their own, on real sockets.
//!
//! `NANO_WEBHOOK_CLIENTS` says how many hostile clients there are at once,
//! `NANO_WEBHOOK_DELIVERIES` how many deliveries are sent meanwhile, and
//! `NANO_WEBHOOK_WAVES` how often.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod crowd;
mod early;
mod held;
mod shapes;
mod streams;

use std::net::SocketAddr;

use nano_webhook_test_kit::{Connection, Receiver, SignedRequest, Usage, poll};

const SECRET: &str = SignedRequest::SECRET;

/// A delivery on a connection of its own is answered 200.
async fn still_serves(addr: SocketAddr, task: &str) {
    let delivery = SignedRequest::completed_now(task).whole();
    let answer = Connection::open(addr).await.exchange(delivery).await;
    let status = answer.map(|answer| answer.summary());
    assert_eq!(status, Ok("200".to_owned()), "{task}");
}

async fn until(receiver: &Receiver, holds: impl FnMut(&Usage) -> bool) -> Usage {
    poll(async || receiver.process.usage(), holds).await
}

/// What the process holds when it has served, and no client is connected.
async fn idle(receiver: &Receiver) -> Usage {
    // The first of everything allocates what stays.
    for warm_up in 0..50 {
        still_serves(receiver.addr, &format!("warm_up_{warm_up}")).await;
    }
    let (mut fewest, mut unchanged) = (usize::MAX, 0);
    until(receiver, |now| {
        unchanged = if now.files < fewest { 0 } else { unchanged + 1 };
        fewest = fewest.min(now.files);
        now.files == fewest && unchanged >= 15
    })
    .await
}
