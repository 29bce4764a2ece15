//! What of a held connection is the framework's, and what is ours: the heap of this
//! process with many requests whose bodies are on their way, in front of the
//! framework's own `Bytes` and in front of ours.
//!
//! One test, because another's allocations would be counted too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod servers;

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nano_webhook_hostile::{Connection, Delivery};
use peak_alloc::PeakAlloc;

use self::servers::{Seen, Server, Way};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const SECRET: &str = "a secret for the hostile tests only";

const CLIENTS: usize = 200;

/// What comes of a body that is longer by one byte, and what we may add to the
/// framework's share, in bytes: a bound, no figure. A body that grows is held in
/// memory that doubles.
const HOLDS: [(usize, isize); 3] = [(0, 2048), (1000, 4096), (100_000, 128 * 1024)];

#[test]
fn what_is_ours_of_a_held_connection() {
    for framework in [servers::axum, servers::actix] {
        for (sent, bound) in HOLDS {
            let [bare, ours] = [Way::Bytes, Way::Webhook].map(|way| cost(framework, way, sent));
            println!(
                "{}, {sent} bytes of a body: {} bytes with `Bytes`, {} with `Webhook`",
                bare.0, bare.1, ours.1
            );
            let more = ours.1 - bare.1;
            assert!(more < bound, "{}, {sent} bytes: {more} more", bare.0);
        }
    }
}

/// The heap that each connection adds. A socket of ours has none.
fn cost(
    start: fn(Way, &Arc<Seen>) -> (&'static str, Server),
    way: Way,
    sent: usize,
) -> (&'static str, isize) {
    let seen = Arc::new(Seen::default());
    let (framework, server) = start(way, &seen);
    let warm = hold(server.addr(), 10, sent);
    seen.wait_for(10, 10 * sent);
    let before = ALLOCATOR.current_usage();
    let held = hold(server.addr(), CLIENTS, sent);
    seen.wait_for(10 + CLIENTS, (10 + CLIENTS) * sent);
    let after = ALLOCATOR.current_usage();
    drop((warm, held));
    let grown = isize::try_from(after).unwrap() - isize::try_from(before).unwrap();
    (framework, grown / CLIENTS as isize)
}

fn hold(addr: SocketAddr, clients: usize, sent: usize) -> Vec<TcpStream> {
    let head = Delivery::signed("another secret", "{}").head();
    let mut wire = format!("{head}Content-Length: {}\r\n\r\n", sent + 1).into_bytes();
    wire.resize(wire.len() + sent, b'x');
    let mut held = Vec::with_capacity(clients);
    for _ in 0..clients {
        let mut stream = TcpStream::connect(addr).unwrap();
        stream.write_all(&wire).unwrap();
        held.push(stream);
    }
    held
}

impl Seen {
    /// Waits until that many requests came, with that many bytes of their bodies.
    fn wait_for(&self, requests: usize, bytes: usize) {
        let give_up = Instant::now() + Connection::PATIENCE;
        while self.get() != (requests, bytes) {
            assert!(Instant::now() < give_up, "{:?}", self.get());
            std::thread::sleep(Duration::from_millis(5));
        }
        // What was seen is not yet put away.
        std::thread::sleep(Duration::from_millis(50));
    }
}
