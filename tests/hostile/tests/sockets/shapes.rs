//! Requests of every unusual shape, each rejected by the framework, rejected by the library,
//! or served.
//!
//! After what a row sends, another request follows on the same connection, whose
//! answer nothing else has. It shows where the receiver sees the end of the first
//! one: `next` means that it saw it where it should, `closed` that it gave the
//! connection up. A `*` marks an answer with `Connection: close`.

mod coding;
mod head;

use std::net::SocketAddr;

use futures_util::future::join_all;
use nano_webhook_test_kit::{Connection, End, Framework, Response, SignedRequest, changed};

use crate::{SECRET, still_serves};

/// What is sent. In lines `{length}` stands for the body's; in chunks `{}` stands for the
/// body, `{n}` for its length in hex.
#[derive(Clone, Copy)]
enum Wire {
    /// The head with these further lines, then the body.
    With(&'static str),
    /// The same, with its length.
    Framed(&'static str),
    /// The delivery in chunks as they are given.
    Chunked(&'static str),
    /// In one chunk, under these lines.
    Coded(&'static str),
    /// The whole request as text, the first of these replaced by the second.
    Changed(&'static str, &'static str),
    Made(fn(&SignedRequest) -> Vec<u8>),
}

impl Wire {
    fn bytes(self, delivery: &SignedRequest) -> Vec<u8> {
        match self {
            Self::With(lines) => delivery.framed(lines),
            Self::Framed(lines) => framed(delivery, lines),
            Self::Chunked(chunks) => chunked(delivery, chunks),
            Self::Coded(lines) => chunked_as(delivery, lines, "{n}\r\n{}\r\n0\r\n\r\n"),
            Self::Changed(from, to) => changed(delivery.whole(), from, to),
            Self::Made(make) => make(delivery),
        }
    }
}

/// A name, what is sent, and for axum and actix: the answers, and how the connection ended.
struct Row(&'static str, Wire, [&'static str; 2]);

const fn row(name: &'static str, wire: Wire, axum: &'static str, actix: &'static str) -> Row {
    Row(name, wire, [axum, actix])
}

const fn both(name: &'static str, wire: Wire, outcome: &'static str) -> Row {
    Row(name, wire, [outcome, outcome])
}

fn framed(delivery: &SignedRequest, lines: &str) -> Vec<u8> {
    delivery.framed(&format!("Content-Length: {{length}}\r\n{lines}"))
}

fn chunked(delivery: &SignedRequest, chunks: &str) -> Vec<u8> {
    chunked_as(delivery, "Transfer-Encoding: chunked\r\n", chunks)
}

fn chunked_as(delivery: &SignedRequest, lines: &str, chunks: &str) -> Vec<u8> {
    let body = std::str::from_utf8(&delivery.body).unwrap();
    let length = format!("{:x}", body.len());
    let chunks = chunks.replace("{n}", &length).replace("{}", body);
    [delivery.head(lines), chunks.into_bytes()].concat()
}

/// Served, and the connection goes on.
const SERVED: &str = "200, next";

/// Rejected by the framework, before the library is asked.
const BAD: &str = "400*, closed";

/// The framework finds the body's framing broken; the library says so.
const BROKEN: &str = "400 body_incomplete*, closed";

#[tokio::test]
async fn every_shape_has_its_answer() {
    let (axum, actix) = tokio::join!(differences(Framework::Axum), differences(Framework::Actix));
    let wrong = [axum, actix].concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn differences(framework: Framework) -> Vec<String> {
    let receiver = framework.receiver(SECRET).await;
    let addr = receiver.addr;
    // More than one for each worker: a panic ends one connection, and no worker.
    let workers = std::thread::available_parallelism().unwrap().get();
    let panics = std::iter::repeat_n(&head::PANICS, 4 * workers);
    let rows = coding::ROWS.iter().chain(head::ROWS).chain(panics);
    // Some are only answered when a body has not come in time, so at once.
    let rows = rows
        .enumerate()
        .map(async |(index, Row(name, wire, expected))| {
            let wire = wire.bytes(&SignedRequest::completed_now(&format!("shape_{index}")));
            let seen = outcome(addr, wire).await;
            still_serves(addr, &format!("after: {name}")).await;
            let expected = expected[framework as usize];
            let differs = seen != expected;
            differs.then(|| format!("{framework:?}, {name}: {seen}\n    expected {expected}"))
        });
    join_all(rows).await.into_iter().flatten().collect()
}

/// The statuses and codes of the answers, and how the connection ended.
async fn outcome(addr: SocketAddr, mut wire: Vec<u8>) -> String {
    // Correctly signed, but not an event.
    wire.extend_from_slice(&SignedRequest::signed_now(SECRET, "{}").whole());
    let mut seen: Vec<(String, usize)> = Vec::new();
    let mut see = |item: String| match seen.last_mut() {
        Some((last, count)) if *last == item => *count += 1,
        _ => seen.push((item, 1)),
    };
    let mut connection = Connection::open(addr).await;
    let end = connection.converse(wire, |answer: Response| {
        match answer.status {
            100 => {}
            422 => see("next".to_owned()),
            _ => see(answer.summary()),
        }
        answer.status == 422
    });
    match end.await {
        Ok(()) => {}
        // Where bytes are left unread, the system makes a reset of a close.
        Err(End::Closed | End::Reset) => see("closed".to_owned()),
        Err(end) => see(format!("{end:?}")),
    }
    let seen = seen.into_iter().map(|(item, count)| match count {
        1 => item,
        _ => format!("{count} x {item}"),
    });
    seen.collect::<Vec<_>>().join(", ")
}
