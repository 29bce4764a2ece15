//! The answer to a request whose body is still being sent.
//!
//! A rejection is answered before the body has arrived. If the connection were then
//! closed at once, the system would answer the rest of the body with a reset, and the
//! answer could be lost.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use nano_webhook_test_kit::{Connection, Framework, SignedRequest};

use crate::{SECRET, still_serves};

/// More than the buffers of both sockets hold, less than what the examples still read.
const BODY: usize = 7 << 20;

/// The examples read the rest of a rejected body for this long.
const LINGER: Duration = Duration::from_secs(1);

const TRIALS: usize = 10;

fn rejected() -> [(SignedRequest, &'static str); 3] {
    let signed = SignedRequest::signed_now(SECRET, "{}");
    let unsigned = signed.clone().without("x-nano-timestamp");
    let encoded = signed.clone().header("content-encoding", "gzip");
    [
        (unsigned, "401 missing_header*"),
        (encoded, "415 unsupported_content_encoding*"),
        (signed, "413 body_too_large*"),
    ]
}

/// Whether a client reads while it sends (RFC 9112, section 9.5) or sends everything first,
/// it gets the answer, and no broken pipe.
#[tokio::test]
async fn a_rejection_arrives_before_the_end_of_the_body() {
    for framework in Framework::ALL {
        let receiver = framework.receiver(SECRET).await;
        let addr = receiver.addr;
        for (request, expected) in rejected() {
            let length = request.head(&format!("content-length: {BODY}\r\n"));
            let mut chunked = request.head("transfer-encoding: chunked\r\n");
            chunked.extend(format!("{BODY:x}\r\n").bytes());
            for mut wire in [length, chunked] {
                wire.resize(wire.len() + BODY, b'x');
                for _ in 0..TRIALS {
                    let mut connection = Connection::open(addr).await;
                    let answer = connection.exchange(&wire).await.map(|got| got.summary());
                    assert_eq!(answer.as_deref(), Ok(expected), "{framework:?}");

                    let answer = after_sending(addr, &wire).await;
                    assert_eq!(answer, expected, "{framework:?}, sent");
                }
            }
        }
        still_serves(addr, "after_early_answers").await;
    }
}

/// The answer to a client that sends everything first. On a loaded machine that can take
/// longer than the receiver reads: such an attempt shows nothing, and is made again.
async fn after_sending(addr: SocketAddr, wire: &[u8]) -> String {
    loop {
        let began = Instant::now();
        let mut connection = Connection::open(addr).await;
        let sent = connection.try_send(wire).await;
        if sent.is_ok() || began.elapsed() < LINGER {
            assert_eq!(sent, Ok(()));
            return connection.receive().await.unwrap().summary();
        }
    }
}

/// The endless body of a rejected request is not read without end.
#[tokio::test]
async fn an_endless_body_is_cut_off() {
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    for framework in Framework::ALL {
        let receiver = framework.receiver(SECRET).await;
        for (request, expected) in rejected() {
            let mut connection = Connection::open(receiver.addr).await;
            let head = request.head("transfer-encoding: chunked\r\n");
            connection.try_send(head).await.unwrap();
            let cut_off = connection.flood(chunk.as_bytes()).await;
            assert_eq!(cut_off, Ok(()), "{framework:?}, {expected}");
            let answer = connection.receive().await.map(|answer| answer.summary());
            assert_eq!(answer.as_deref(), Ok(expected), "{framework:?}");
        }
        still_serves(receiver.addr, "after_endless_bodies").await;
    }
}
