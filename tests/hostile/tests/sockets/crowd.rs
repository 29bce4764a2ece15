//! A crowd of hostile clients beside a steady stream of deliveries. Every delivery
//! is answered 200, and when the crowd has left nothing of it is left. Then it comes
//! again: `NANO_WEBHOOK_WAVES` says how often.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use nano_webhook_test_kit::{Connection, End, Framework, Receiver, SignedRequest, Usage, number};
use tokio::sync::watch;

use crate::{SECRET, idle, until};

/// Who sends deliveries all the while.
const SENDERS: usize = 4;

/// How a hostile client behaves. It goes on until it is told to leave.
const MANNERS: &[Manner] = &[
    Manner::Silent,
    Manner::SlowHead,
    Manner::StalledBody,
    Manner::Trickler,
    Manner::Endless,
    Manner::BreaksOff,
    Manner::Pipelines,
    Manner::NeverReads,
    Manner::Forges,
];

#[derive(Clone, Copy, Debug)]
enum Manner {
    /// Connects, and says nothing.
    Silent,
    /// Sends its head byte by byte.
    SlowHead,
    /// Sends half of the body that it has announced.
    StalledBody,
    /// Sends its body byte by byte.
    Trickler,
    /// Is refused by its head, and goes on sending chunks.
    Endless,
    /// Hangs up in the middle, with a reset, again and again.
    BreaksOff,
    /// Sends many forgeries before it reads an answer.
    Pipelines,
    /// Sends requests and never reads an answer.
    NeverReads,
    /// Sends complete forgeries, one after the other.
    Forges,
}

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

/// What the receiver holds when the crowd is there and all deliveries are
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
            let manner = MANNERS[client % MANNERS.len()];
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

const CHUNKED: &str = "transfer-encoding: chunked\r\n";

async fn act(manner: Manner, addr: SocketAddr, pause: Duration) -> Result<(), End> {
    let forged = SignedRequest::signed_now("another secret", r#"{"event":"job.completed"}"#);
    let mut connection = Connection::connect(addr).await?;
    match manner {
        Manner::Silent => {
            let _ = connection.until_closed().await;
        }
        Manner::SlowHead => {
            for byte in forged.head("") {
                connection.try_send([byte]).await?;
                tokio::time::sleep(pause).await;
            }
        }
        Manner::StalledBody => {
            connection
                .try_send(forged.head("content-length: 200000\r\n"))
                .await?;
            connection.try_send(vec![b'x'; 100_000]).await?;
            let _ = connection.until_closed().await;
        }
        Manner::Trickler => {
            connection.try_send(forged.head(CHUNKED)).await?;
            loop {
                connection.try_send("1\r\nx\r\n").await?;
                tokio::time::sleep(pause).await;
            }
        }
        Manner::Endless => {
            let unsigned = forged.without("x-nano-signature");
            connection.try_send(unsigned.head(CHUNKED)).await?;
            loop {
                connection.try_send("4000\r\n").await?;
                connection.try_send([b'x'; 0x4000]).await?;
                connection.try_send("\r\n").await?;
                tokio::time::sleep(pause).await;
            }
        }
        Manner::BreaksOff => {
            let wire = forged.whole();
            connection.try_send(&wire[..wire.len() / 2]).await?;
            connection.reset();
        }
        Manner::Pipelines => {
            connection.try_send(forged.whole().repeat(20)).await?;
            for _ in 0..20 {
                if connection.receive().await.is_err() {
                    break;
                }
            }
        }
        Manner::NeverReads => loop {
            connection.try_send(forged.whole().repeat(20)).await?;
            tokio::time::sleep(pause).await;
        },
        Manner::Forges => loop {
            if connection.exchange(forged.whole()).await.is_err() {
                break;
            }
            tokio::time::sleep(pause).await;
        },
    }
    Ok(())
}
