//! The answer to a request whose body is still on its way.
//!
//! A refusal goes out before the body came in. Whether the sender ever sees it
//! depends on how the connection is then closed: closed at once, the rest of the
//! body is answered with a reset.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use futures_util::future::join_all;
use nano_webhook_axum::{Secret, Verifier, Webhook, WebhookLayer};
use nano_webhook_hostile::{AxumServer, Connection, Delivery, Framework, Receiver};

use crate::{SECRET, still_serves};

/// More than the buffers of both sockets hold.
const BODY: usize = 10 << 20;

const TRIALS: usize = 10;

/// Refused requests: a name, the head without its framing, the answer.
fn refused() -> [(&'static str, String, &'static str); 3] {
    let unsigned = "POST /webhook HTTP/1.1\r\nHost: localhost\r\n".to_owned();
    let mut encoded = Delivery::signed(SECRET, "{}").head();
    encoded.push_str("Content-Encoding: gzip\r\n");
    [
        ("unsigned", unsigned, "401 missing_header*"),
        ("encoded", encoded, "415 unsupported_content_encoding*"),
        (
            "too large",
            Delivery::signed(SECRET, "{}").head(),
            "413 body_too_large*",
        ),
    ]
}

/// Who reads while it sends, as HTTP asks of a client (RFC 9112, section 9.5),
/// gets the answer; and who sends all first and then reads, gets it if the system
/// keeps what was received before a reset, as Linux does.
#[tokio::test]
async fn a_refusal_arrives_before_the_end_of_the_body() {
    for framework in Framework::ALL {
        let receiver = Receiver::start(framework, SECRET);
        let tally = refuse_all(receiver.addr).await;
        println!("{framework:?}: {tally:#?}");
        still_serves(receiver.addr, "after_early_answers").await;
    }
}

/// Where connections are closed in stages, even a client that does not read before
/// it has sent everything finds no broken pipe.
#[tokio::test]
async fn a_connection_closed_in_stages_takes_the_rest_of_the_body() {
    let verifier = Verifier::new(Secret::new(SECRET).unwrap());
    let route = post(async |_: Webhook| StatusCode::OK).layer(WebhookLayer::new(verifier));
    let axum = AxumServer::start(Router::new().route("/webhook", route));
    let actix = Receiver::start(Framework::Actix, SECRET);
    for addr in [axum.addr, actix.addr] {
        let tally = refuse_all(addr).await;
        let broken: Vec<_> = tally.keys().filter(|way| way.contains("broke")).collect();
        assert!(broken.is_empty(), "{tally:#?}");
    }
}

/// The endless body of a refused request is not taken for ever.
#[tokio::test]
async fn an_endless_body_is_cut_off() {
    for framework in Framework::ALL {
        let receiver = Receiver::start(framework, SECRET);
        for (name, head, expected) in refused() {
            let mut connection = Connection::open(receiver.addr).await.unwrap();
            connection
                .send(format!("{head}Transfer-Encoding: chunked\r\n\r\n"))
                .await
                .unwrap();
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            let endless = async { while connection.send(&chunk).await.is_ok() {} };
            tokio::time::timeout(Connection::PATIENCE, endless)
                .await
                .unwrap_or_else(|_| panic!("{framework:?} takes what is {name} for ever"));
            let answer = connection.answer().await.map(|answer| answer.summary());
            assert_eq!(answer, Ok(expected.to_owned()), "{framework:?}, {name}");
        }
        still_serves(receiver.addr, "after_endless_bodies").await;
    }
}

/// How often sending went how, for each kind of client and request. The answer
/// must be there each time.
async fn refuse_all(addr: SocketAddr) -> BTreeMap<String, usize> {
    let mut ways = Vec::new();
    for (name, head, expected) in refused() {
        for framing in [
            format!("Content-Length: {BODY}\r\n\r\n"),
            format!("Transfer-Encoding: chunked\r\n\r\n{BODY:x}\r\n"),
        ] {
            let chunked = framing.starts_with("Transfer");
            let name = format!("{name}, {}", if chunked { "chunked" } else { "length" });
            let mut wire = format!("{head}{framing}").into_bytes();
            wire.resize(wire.len() + BODY, b'x');
            ways.push(refuse(addr, name, wire, expected));
        }
    }
    let mut tally = BTreeMap::new();
    // Each waits until its connection is closed in stages, so they wait together.
    for seen in join_all(ways).await.into_iter().flatten() {
        *tally.entry(seen).or_default() += 1;
    }
    tally
}

async fn refuse(addr: SocketAddr, name: String, wire: Vec<u8>, expected: &str) -> Vec<String> {
    let expected = Ok(expected.to_owned());
    let mut seen = Vec::new();
    for _ in 0..TRIALS {
        let mut connection = Connection::open(addr).await.unwrap();
        let answer = connection.exchange(&wire).await;
        let answer = answer.map(|answer| answer.summary());
        assert_eq!(answer, expected, "{name}, read while sending");

        let mut connection = Connection::open(addr).await.unwrap();
        let sent = match connection.send(&wire).await {
            Ok(()) => "was taken",
            Err(_) => "broke",
        };
        let answer = connection.answer().await.map(|answer| answer.summary());
        assert_eq!(answer, expected, "{name}, read after sending");
        seen.push(format!("{name}: sending {sent}"));
    }
    seen
}
