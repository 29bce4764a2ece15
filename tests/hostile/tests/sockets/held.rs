//! What a connection costs before its sender has proved anything, and that the
//! receiver gets rid of it by itself.

use futures_util::future::join_all;
use nano_webhook_test_kit::{Connection, Framework, Receiver, SignedRequest, number};

use crate::{SECRET, idle, still_serves, until};

/// The default body limit, 256 KiB, less one byte.
const ALMOST_ALL: usize = 256 * 1024 - 1;

/// A way to hold a connection: a name, what is sent, what the process may hold for it (a
/// bound, no figure), and how many at most: those that send much are fewer.
type Hold = (&'static str, fn() -> Vec<u8>, usize, usize);

#[rustfmt::skip]
const HOLDS: &[Hold] = &[
    ("says nothing", Vec::new, 64 << 10, 2000),
    ("half a head", || b"POST /webhook HTTP/1.1\r\nHost: localhost\r\nX-Nano-".to_vec(), 64 << 10, 2000),
    ("a head, no body", || with_body(100, 0), 64 << 10, 2000),
    ("a head of 100 KB without an end", || format!("POST /webhook HTTP/1.1\r\nX-Other: {}", "x".repeat(100_000)).into(), 512 << 10, 500),
    ("a body of 256 KiB but for one byte", || with_body(ALMOST_ALL + 1, ALMOST_ALL), 1 << 20, 500),
];

/// A head that passes: its form and its time are right, its signature is not.
fn with_body(length: usize, sent: usize) -> Vec<u8> {
    let request = SignedRequest::signed_now("another secret", "{}");
    let mut wire = request.head(&format!("content-length: {length}\r\n"));
    wire.resize(wire.len() + sent, b'x');
    wire
}

#[tokio::test]
#[ignore = "long: scripts/test-all"]
async fn a_held_connection_costs_little_and_ends() {
    let clients = number("NANO_WEBHOOK_CLIENTS", 200);
    let mut tasks = Vec::new();
    for framework in Framework::ALL {
        for (name, send, bound, most) in HOLDS {
            // All are started first: starting one may mean to build it, and takes the thread.
            let receiver = framework.receiver(SECRET).await;
            let clients = clients.min(*most);
            tasks.push(async move {
                let cost = cost(&receiver, *send, clients).await;
                println!("{framework:?}, {clients} x {name}: {cost} bytes each");
                assert!(cost < *bound, "{framework:?}, {name}: {cost} bytes each");
            });
        }
    }
    join_all(tasks).await;
}

/// The resident memory that each of these connections adds.
async fn cost(receiver: &Receiver, send: fn() -> Vec<u8>, clients: usize) -> usize {
    let idle = idle(receiver).await;
    let mut held = Vec::new();
    for _ in 0..clients {
        let mut connection = Connection::open(receiver.addr).await;
        connection.try_send(send()).await.unwrap();
        held.push(connection);
    }
    still_serves(receiver.addr, "with_held_connections").await;
    // Not all: on a loaded machine the first are cut off before the last are there.
    let full = until(receiver, |now| now.files >= idle.files + clients / 2).await;

    // The receiver ends the connections when their time is up.
    let left = until(receiver, |now| now.files <= idle.files).await;
    assert_eq!(left.threads, idle.threads);
    drop(held);
    still_serves(receiver.addr, "after_held_connections").await;
    full.resident.saturating_sub(idle.resident) / (full.files - idle.files)
}
