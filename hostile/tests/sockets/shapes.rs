//! Requests of every unusual shape, and what comes of each: refused by the
//! framework, refused by the library, or served.
//!
//! After what a row sends, another request follows on the same connection, whose
//! answer nothing else has. It shows where the receiver sees the end of the first
//! one: `next` means that it saw it where it should, `closed` that it gave the
//! connection up. A `*` marks an answer with `Connection: close`.

mod coding;
mod floods;
mod head;
mod length;
mod pipelines;

use std::sync::Arc;

use nano_webhook_hostile::{Answer, Connection, Delivery, End, Framework, Receiver};

use crate::{SECRET, still_serves};

struct Row {
    name: &'static str,
    send: fn(&Delivery) -> Vec<u8>,
    /// The answers, and how the connection ended.
    axum: &'static str,
    actix: &'static str,
}

const fn row(
    name: &'static str,
    send: fn(&Delivery) -> Vec<u8>,
    axum: &'static str,
    actix: &'static str,
) -> Row {
    Row {
        name,
        send,
        axum,
        actix,
    }
}

const fn both(name: &'static str, send: fn(&Delivery) -> Vec<u8>, outcome: &'static str) -> Row {
    row(name, send, outcome, outcome)
}

/// The head with these further lines, then the body.
fn with(delivery: &Delivery, lines: &str) -> Vec<u8> {
    let head = format!("{}{lines}\r\n", delivery.head());
    [head.as_bytes(), &delivery.body].concat()
}

/// The delivery with its length and with these further lines.
fn framed(delivery: &Delivery, lines: &str) -> Vec<u8> {
    with(
        delivery,
        &format!("Content-Length: {}\r\n{lines}", delivery.body.len()),
    )
}

/// The delivery in chunks as they are given, `{}` for the body, `{n}` for its
/// length in hex.
fn chunked(delivery: &Delivery, chunks: &str) -> Vec<u8> {
    chunked_as(delivery, "Transfer-Encoding: chunked\r\n", chunks)
}

fn chunked_as(delivery: &Delivery, lines: &str, chunks: &str) -> Vec<u8> {
    let body = std::str::from_utf8(&delivery.body).unwrap();
    let chunks = chunks
        .replace("{n}", &format!("{:x}", body.len()))
        .replace("{}", body);
    format!("{}{lines}\r\n{chunks}", delivery.head()).into_bytes()
}

/// The whole request as text, changed.
fn changed(delivery: &Delivery, from: &str, to: &str) -> Vec<u8> {
    let wire = String::from_utf8(delivery.wire()).unwrap();
    assert!(wire.contains(from), "{from:?} is not in {wire:?}");
    wire.replacen(from, to, 1).into_bytes()
}

/// Served, and the connection goes on.
const SERVED: &str = "200, next";

/// Refused by the framework, before the library is asked.
const BAD: &str = "400*, closed";

/// The framework finds the body's framing broken; the library says so.
const BROKEN: &str = "400 body_incomplete*, closed";

const TABLE: &[&[Row]] = &[
    length::ROWS,
    coding::ROWS,
    head::ROWS,
    floods::ROWS,
    pipelines::ROWS,
];

#[tokio::test]
async fn every_shape_has_its_answer() {
    // Both first: starting one may mean to build it, and takes the thread.
    let [axum, actix] = Framework::ALL.map(|framework| Receiver::start(framework, SECRET));
    let (axum, actix) = tokio::join!(
        differences(Framework::Axum, axum),
        differences(Framework::Actix, actix)
    );
    let wrong = [axum, actix].concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn differences(framework: Framework, receiver: Receiver) -> Vec<String> {
    let mut wrong = Vec::new();
    let receiver = Arc::new(receiver);
    // Some are only answered when a body has not come in time, so at once.
    let rows: Vec<_> = TABLE
        .iter()
        .copied()
        .flatten()
        .enumerate()
        .map(|(index, row)| {
            let receiver = Arc::clone(&receiver);
            let task = format!("shape_{index}");
            tokio::spawn(async move {
                let wire = (row.send)(&Delivery::completed(SECRET, &task));
                let came = outcome(&receiver, wire).await;
                still_serves(receiver.addr, &format!("after: {}", row.name)).await;
                (row, came)
            })
        })
        .collect();
    for row in rows {
        let (row, came) = row.await.unwrap();
        let expected = match framework {
            Framework::Axum => row.axum,
            Framework::Actix => row.actix,
        };
        if came != expected {
            wrong.push(format!(
                "{framework:?}, {}: {came}\n    expected {expected}",
                row.name
            ));
        }
    }
    wrong
}

/// The statuses and codes of the answers, and how the connection ended.
async fn outcome(receiver: &Receiver, mut wire: Vec<u8>) -> String {
    // Correctly signed, but not an event.
    wire.extend_from_slice(&Delivery::signed(SECRET, "{}").wire());
    let is_next = |answer: &Answer| answer.status == 422;
    let connection = Connection::open(receiver.addr).await.unwrap();
    let (answers, end) = connection.converse(wire, is_next).await;
    let summaries = answers.iter().map(|answer| match is_next(answer) {
        true => "next".to_owned(),
        false => answer.summary(),
    });
    let end = match end {
        // Where bytes are left unread, the system makes a reset of a close.
        Some(End::Reset) => Some(End::Closed),
        other => other,
    };
    let mut seen: Vec<(String, usize)> = Vec::new();
    for item in summaries.chain(end.map(|end| end.to_string())) {
        match seen.last_mut() {
            Some((last, count)) if *last == item => *count += 1,
            _ => seen.push((item, 1)),
        }
    }
    let seen: Vec<String> = seen
        .into_iter()
        .map(|(item, count)| match count {
            1 => item,
            _ => format!("{count} x {item}"),
        })
        .collect();
    seen.join(", ")
}
