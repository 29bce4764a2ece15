//! A crowd of hostile clients and a steady stream of deliveries. Every delivery
//! is answered 200, and when the crowd has left nothing of it is left. Then it comes
//! again: `NANO_WEBHOOK_WAVES` says how often.

mod manners;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use nano_webhook_test_kit::{Connection, Framework, Receiver, SignedRequest, Usage, number};
use tokio::sync::watch;

use self::manners::{Manner, act};
use crate::{SECRET, idle, until};

/// Who sends deliveries all the while.
const SENDERS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: scripts/test-all"]
async fn deliveries_get_through_a_crowd() {
    let clients = number("NANO_WEBHOOK_CLIENTS", 270);
    let deliveries = number("NANO_WEBHOOK_DELIVERIES", 600);
    let waves = number("NANO_WEBHOOK_WAVES", 1);
    for framework in Framework::ALL {
        let receiver = framework.receiver(SECRET).await;
        let before = idle(&receiver).await;
        let mut ends = Vec::new();
        for wave in 0..waves {
            let (busy, report) = wave_of(&receiver, before, wave, clients, deliveries).await;
            println!("{framework:?}: {report}");
            let grown = busy.resident.saturating_sub(before.resident) / clients;
            assert!(
                grown < 512 << 10,
                "{framework:?}, wave {wave}: {grown} bytes for each client"
            );
            ends.push(busy.resident);
        }
        // An allocator keeps what it was given back, and takes some waves to settle;
        // what leaks comes on top each time. So a few waves say nothing.
        if let [_, second, .., last] = ends[..]
            && waves >= 6
        {
            assert!(
                last < second * 3 / 2,
                "{framework:?}: resident at the end of each wave: {ends:?}"
            );
        }
    }
}

/// What the receiver holds while the crowd is connected and all deliveries are
/// answered, and a report. Then the crowd leaves, and nothing of it stays.
async fn wave_of(
    receiver: &Receiver,
    before: Usage,
    wave: usize,
    clients: usize,
    deliveries: usize,
) -> (Usage, String) {
    // Between two things that a client does. What is tested is what the crowd
    // holds, not how many requests a second the machine can serve.
    let pause = Duration::from_millis(clients as u64);
    let (leave, left) = watch::channel(false);
    let crowd: Vec<_> = (0..clients)
        .map(|client| {
            let manner = Manner::ALL[client % Manner::ALL.len()];
            tokio::spawn(misbehave(manner, receiver.addr, pause, left.clone()))
        })
        .collect();
    let crowded = until(receiver, "crowded", |now| {
        now.files >= before.files + clients / 2
    })
    .await;

    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let name = format!("wave_{wave}_sender_{sender}");
            tokio::spawn(send(receiver.addr, name, deliveries / SENDERS))
        })
        .collect();
    let mut latencies = Vec::new();
    for sender in senders {
        latencies.extend(sender.await.unwrap());
    }
    let busy = receiver.process.usage();
    leave.send(true).unwrap();
    for client in crowd {
        client.await.unwrap();
    }

    let after = until(receiver, "empty again", |now| now.files <= before.files).await;
    assert_eq!(after.threads, before.threads);
    latencies.sort_unstable();
    let at = |share: usize| latencies[(latencies.len() - 1) * share / 100];
    let report = format!(
        "{clients} clients, {} deliveries, all 200; median {:?}, 99 % {:?}, longest {:?}; \
         resident {} KiB before, {} in the crowd, {} at its end, {} after",
        latencies.len(),
        at(50),
        at(99),
        at(100),
        before.resident >> 10,
        crowded.resident >> 10,
        busy.resident >> 10,
        after.resident >> 10,
    );
    (busy, report)
}

/// Deliveries on one connection, and how long each took.
async fn send(addr: SocketAddr, sender: String, count: usize) -> Vec<Duration> {
    let mut connection = Connection::open(addr).await;
    let mut latencies = Vec::new();
    for delivery in 0..count {
        let task = format!("{sender}_{delivery}");
        let wire = SignedRequest::completed_now(&task).whole();
        let sent = Instant::now();
        let answer = connection.exchange(wire).await;
        latencies.push(sent.elapsed());
        let answer = answer.map(|answer| answer.summary());
        assert_eq!(answer, Ok("200".to_owned()), "{task}");
    }
    latencies
}

async fn misbehave(
    manner: Manner,
    addr: SocketAddr,
    pause: Duration,
    mut left: watch::Receiver<bool>,
) {
    let behave = async {
        loop {
            // Being cut off is what must happen; then it comes again.
            let _ = act(manner, addr, pause).await;
            tokio::time::sleep(pause).await;
        }
    };
    tokio::select! {
        () = behave => {}
        _ = left.wait_for(|left| *left) => {}
    }
}
