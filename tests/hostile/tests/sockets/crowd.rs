//! A crowd of hostile clients and a steady stream of deliveries. Every delivery
//! is answered 200, and when the crowd has left nothing of it is left. Then it comes
//! again: `NANO_WEBHOOK_WAVES` says how often.

use std::net::SocketAddr;
use std::time::Duration;

use nano_webhook_test_kit::{Connection, End, Framework, Receiver, SignedRequest, Usage, number};
use tokio::task::JoinSet;

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
            let resident = wave_of(&receiver, before, clients, deliveries).await;
            let grown = resident.saturating_sub(before.resident) / clients;
            println!("{framework:?}, wave {wave}: {grown} bytes for each client");
            assert!(grown < 512 << 10);
            ends.push(resident);
        }
        // An allocator keeps what it was given back, and takes some waves to settle;
        // what leaks comes on top each time. So a few waves say nothing.
        if let [_, second, .., last] = ends[..]
            && waves >= 6
        {
            assert!(last < second * 3 / 2, "{framework:?}: resident {ends:?}");
        }
    }
}

/// The memory that the receiver holds while the crowd is connected and all deliveries are
/// answered. Then the crowd leaves, and nothing of it stays.
async fn wave_of(receiver: &Receiver, before: Usage, clients: usize, deliveries: usize) -> usize {
    let addr = receiver.addr;
    // Between two things that a client does. What is tested is what the crowd
    // holds, not how many requests a second the machine can serve.
    let pause = Duration::from_millis(clients as u64);
    let mut crowd = JoinSet::new();
    for client in 0..clients {
        crowd.spawn(async move {
            loop {
                // Being cut off is what must happen; then it comes again.
                let _ = misbehave(client, addr, pause).await;
                tokio::time::sleep(pause).await;
            }
        });
    }
    until(receiver, |now| now.files >= before.files + clients / 2).await;

    let mut senders = JoinSet::new();
    for _ in 0..SENDERS {
        senders.spawn(send(addr, deliveries / SENDERS));
    }
    senders.join_all().await;
    let busy = receiver.process.usage();
    crowd.shutdown().await;

    let after = until(receiver, |now| now.files <= before.files).await;
    assert_eq!(after.threads, before.threads);
    busy.resident
}

async fn send(addr: SocketAddr, count: usize) {
    let mut connection = Connection::open(addr).await;
    for _ in 0..count {
        let task = format!("crowd_{}", fastrand::u64(..));
        let wire = SignedRequest::completed_now(&task).whole();
        let answer = connection.exchange(wire).await;
        let answer = answer.map(|answer| answer.summary());
        assert_eq!(answer, Ok("200".to_owned()), "{task}");
    }
}

/// Misbehaves in one of nine manners, until the receiver ends the connection.
async fn misbehave(client: usize, addr: SocketAddr, pause: Duration) -> Result<(), End> {
    const CHUNKED: &str = "transfer-encoding: chunked\r\n";
    let forged = SignedRequest::signed_now("another secret", r#"{"event":"job.completed"}"#);
    let mut connection = Connection::connect(addr).await?;
    match client % 9 {
        // Connects, and sends nothing.
        0 => drop(connection.until_closed().await),
        // Sends its head byte by byte.
        1 => {
            for byte in forged.head("") {
                connection.try_send([byte]).await?;
                tokio::time::sleep(pause).await;
            }
        }
        // Sends half of the body that it has announced.
        2 => {
            let mut half = forged.head("content-length: 200000\r\n");
            half.resize(half.len() + 100_000, b'x');
            connection.try_send(half).await?;
            let _ = connection.until_closed().await;
        }
        // Sends its body byte by byte.
        3 => {
            connection.try_send(forged.head(CHUNKED)).await?;
            loop {
                connection.try_send("1\r\nx\r\n").await?;
                tokio::time::sleep(pause).await;
            }
        }
        // Is rejected by its head, and goes on sending chunks.
        4 => {
            let unsigned = forged.without("x-nano-signature");
            connection.try_send(unsigned.head(CHUNKED)).await?;
            let chunk = format!("4000\r\n{}\r\n", "x".repeat(0x4000));
            loop {
                connection.try_send(&chunk).await?;
                tokio::time::sleep(pause).await;
            }
        }
        // Hangs up in the middle, with a reset, again and again.
        5 => {
            let wire = forged.whole();
            connection.try_send(&wire[..wire.len() / 2]).await?;
            connection.reset();
        }
        // Sends many forgeries before it reads an answer.
        6 => {
            connection.try_send(forged.whole().repeat(20)).await?;
            for _ in 0..20 {
                connection.receive().await?;
            }
        }
        // Sends requests and never reads an answer.
        7 => loop {
            connection.try_send(forged.whole().repeat(20)).await?;
            tokio::time::sleep(pause).await;
        },
        // Sends complete forgeries, one after the other.
        _ => loop {
            connection.exchange(forged.whole()).await?;
            tokio::time::sleep(pause).await;
        },
    }
    Ok(())
}
