//! The answer to a request whose body is still being sent.
//!
//! A rejection is answered before the body has arrived. If the connection were then
//! closed at once, the system would answer the rest of the body with a reset, and the
//! answer could be lost.

use std::net::SocketAddr;

use futures_util::future::join_all;
use nano_webhook_test_kit::{Connection, Framework, SignedRequest};

use crate::{SECRET, still_serves};

/// More than the buffers of both sockets hold, less than what the examples still read.
const BODY: usize = 7 << 20;

const TRIALS: usize = 10;

/// Refused requests: a name, the head's headers, the answer.
fn refused() -> [(&'static str, SignedRequest, &'static str); 3] {
    let signed = SignedRequest::signed_now(SECRET, "{}");
    let unsigned = signed.clone().without("x-nano-timestamp");
    let encoded = signed.clone().header("content-encoding", "gzip");
    [
        ("unsigned", unsigned, "401 missing_header*"),
        ("encoded", encoded, "415 unsupported_content_encoding*"),
        ("too large", signed, "413 body_too_large*"),
    ]
}

/// Whether a client reads while it sends (RFC 9112, section 9.5) or sends everything first,
/// it gets the answer, and no broken pipe.
#[tokio::test]
async fn a_refusal_arrives_before_the_end_of_the_body() {
    for framework in Framework::ALL {
        let receiver = framework.receiver(SECRET).await;
        // Each waits until its connection is closed in stages, so they wait together.
        join_all(refused().into_iter().flat_map(|(name, request, expected)| {
            let length = request.head(&format!("content-length: {BODY}\r\n"));
            let mut chunked = request.head("transfer-encoding: chunked\r\n");
            chunked.extend(format!("{BODY:x}\r\n").bytes());
            [length, chunked].map(|mut wire| {
                wire.resize(wire.len() + BODY, b'x');
                refuse(
                    receiver.addr,
                    format!("{framework:?}, {name}"),
                    wire,
                    expected,
                )
            })
        }))
        .await;
        still_serves(receiver.addr, "after_early_answers").await;
    }
}

async fn refuse(addr: SocketAddr, name: String, wire: Vec<u8>, expected: &str) {
    let expected = Ok(expected.to_owned());
    for _ in 0..TRIALS {
        let mut connection = Connection::open(addr).await;
        let answer = connection.exchange(&wire).await;
        let answer = answer.map(|answer| answer.summary());
        assert_eq!(answer, expected, "{name}, read while sending");

        let mut connection = Connection::open(addr).await;
        assert_eq!(connection.try_send(&wire).await, Ok(()), "{name}");
        let answer = connection.receive().await.map(|answer| answer.summary());
        assert_eq!(answer, expected, "{name}, read after sending");
    }
}

/// The endless body of a refused request is not read without end.
#[tokio::test]
async fn an_endless_body_is_cut_off() {
    for framework in Framework::ALL {
        let receiver = framework.receiver(SECRET).await;
        for (name, request, expected) in refused() {
            let mut connection = Connection::open(receiver.addr).await;
            let head = request.head("transfer-encoding: chunked\r\n");
            connection.try_send(head).await.unwrap();
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            let cut_off = connection.flood(chunk.as_bytes()).await;
            assert_eq!(cut_off, Ok(()), "{framework:?}, {name}");
            let answer = connection.receive().await.map(|answer| answer.summary());
            assert_eq!(answer, Ok(expected.to_owned()), "{framework:?}, {name}");
        }
        still_serves(receiver.addr, "after_endless_bodies").await;
    }
}
