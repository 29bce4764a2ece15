//! What a connection costs before its sender has proved anything, and that the
//! receiver gets rid of it by itself.

use nano_webhook_hostile::{Connection, Delivery, Framework, Receiver};

use crate::{SECRET, idle, number, still_serves, until};

/// The default body limit, 256 KiB, less one byte.
const ALMOST_ALL: usize = 256 * 1024 - 1;

/// A way to hold a connection.
struct Hold {
    name: &'static str,
    send: fn() -> Vec<u8>,
    /// What the process may hold for it, in bytes. Generous: a bound, no figure.
    bound: usize,
    /// All are held at the same time, and those that send much are fewer.
    most: usize,
}

const HOLDS: &[Hold] = &[
    Hold {
        name: "says nothing",
        send: Vec::new,
        bound: 64 << 10,
        most: 2000,
    },
    Hold {
        name: "half a head",
        send: || b"POST /webhook HTTP/1.1\r\nHost: localhost\r\nX-Nano-".to_vec(),
        bound: 64 << 10,
        most: 2000,
    },
    Hold {
        name: "a head, no body",
        send: || with_body(100, 0),
        bound: 64 << 10,
        most: 2000,
    },
    Hold {
        name: "a head of 100 KB without an end",
        send: || {
            [
                &b"POST /webhook HTTP/1.1\r\nX-Other: "[..],
                &[b'x'; 100_000],
            ]
            .concat()
        },
        bound: 512 << 10,
        most: 500,
    },
    Hold {
        name: "a body of 256 KiB but for one byte",
        send: || with_body(ALMOST_ALL + 1, ALMOST_ALL),
        bound: 1 << 20,
        most: 500,
    },
];

/// A head that passes, for its form and its time are right. Its signature is not.
fn with_body(length: usize, sent: usize) -> Vec<u8> {
    let head = Delivery::signed("another secret", "{}").head();
    let mut wire = format!("{head}Content-Length: {length}\r\n\r\n").into_bytes();
    wire.resize(wire.len() + sent, b'x');
    wire
}

#[tokio::test]
#[ignore = "long: scripts/test-all"]
async fn a_held_connection_costs_little_and_not_for_ever() {
    let clients = number("NANO_WEBHOOK_CLIENTS", 200);
    // All of them first: starting one may mean to build it, and takes the thread.
    let receivers: Vec<_> = Framework::ALL
        .into_iter()
        .flat_map(|framework| HOLDS.iter().map(move |hold| (framework, hold)))
        .map(|(framework, hold)| (framework, hold, Receiver::start(framework, SECRET)))
        .collect();
    let tasks: Vec<_> = receivers
        .into_iter()
        .map(|(framework, hold, receiver)| {
            let clients = clients.min(hold.most);
            tokio::spawn(async move {
                let cost = cost(&receiver, hold, clients).await;
                println!(
                    "{framework:?}, {clients} x {}: {cost} bytes each",
                    hold.name
                );
                assert!(
                    cost < hold.bound,
                    "{framework:?}, {}: {cost} bytes each",
                    hold.name
                );
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// The resident memory that each of these connections adds.
async fn cost(receiver: &Receiver, hold: &Hold, clients: usize) -> usize {
    let idle = idle(receiver).await;
    let mut held = Vec::new();
    for _ in 0..clients {
        let mut connection = Connection::open(receiver.addr).await.unwrap();
        connection.send((hold.send)()).await.unwrap();
        held.push(connection);
    }
    still_serves(receiver.addr, "beside_held_connections").await;
    // Not all: on a loaded machine the first are cut off before the last are there.
    let full = until(receiver, "half of them accepted", |now| {
        now.files >= idle.files + clients / 2
    })
    .await;

    // Nobody leaves: the receiver ends them when their time is up.
    let left = until(receiver, "rid of them", |now| now.files <= idle.files).await;
    assert_eq!(left.threads, idle.threads, "{}", hold.name);
    drop(held);
    still_serves(receiver.addr, "after_held_connections").await;
    full.resident.saturating_sub(idle.resident) / (full.files - idle.files)
}
