//! Odd ways to say where a message ends. A row that an HTTP implementation
//! settles by itself names the outcomes that are allowed. Only what was signed is handled.

use nano_webhook_test_kit::{End, SignedRequest, changed};

use self::Outcome::{Accepted, Either, Framework, Rejected};
use crate::table::Table;
use crate::target::Target;

#[derive(Clone, Copy)]
enum Outcome {
    Accepted,
    /// With this code.
    Rejected(&'static str),
    /// By the framework, in its own words or by hanging up.
    Framework,
    /// By the framework, or else accepted.
    Either,
}

type Row = (&'static str, fn(&SignedRequest) -> Vec<u8>, Outcome);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("chunks of one byte", |r| r.chunked(1), Accepted),
    ("chunk extensions are not part of the body", |r| changed(r.chunked(16), "\r\n10\r\n", "\r\n10;name=value;x=\"y\"\r\n"), Accepted),
    ("trailers are ignored", |r| with_trailer(r, "x-checksum: 1"), Accepted),
    ("a signature in a trailer is none", |r| {
        let signature = format!("x-nano-signature: {}", r.signature());
        with_trailer(&r.clone().without("x-nano-signature"), &signature)
    }, Rejected("missing_header")),
    ("header names in any case", |r| {
        let timestamp = changed(r.whole(), "x-nano-timestamp", "X-NANO-TimeStamp");
        changed(timestamp, "x-nano-signature", "X-Nano-Signature")
    }, Accepted),
    ("white space around header values", |r| changed(r.whole(), "x-nano-timestamp: ", "x-nano-timestamp:\t  "), Accepted),
    ("a length shorter than the body", |r| r.framed(&format!("content-length: {}\r\n", r.body.len() - 1)), Rejected("signature_mismatch")),
    ("two different lengths", |r| r.framed("content-length: {length}\r\ncontent-length: 1\r\n"), Framework),
    ("a list of lengths", |r| r.framed("content-length: {length}, 1\r\n"), Framework),
    ("a negative length", |r| r.framed("content-length: -1\r\n"), Framework),
    ("a length with a sign", |r| r.framed("content-length: +{length}\r\n"), Framework),
    ("a length in hex", |r| r.framed("content-length: 0x10\r\n"), Framework),
    ("an unknown coding", |r| r.framed("transfer-encoding: xchunked\r\n"), Framework),
    ("a coding after chunked", |r| r.framed("transfer-encoding: chunked, gzip\r\n"), Framework),
    ("white space before a header's colon", |r| r.framed("content-length : {length}\r\n"), Framework),
    ("a flood of headers", |r| r.framed(&format!("content-length: {{length}}\r\n{}", "x-flood: x\r\n".repeat(2000))), Framework),
    ("a head without end", |r| r.head(&format!("x-flood: {}\r\n", "x".repeat(2 << 20))), Framework),
    // RFC 9112, section 6.3: refuse, or let the chunks count.
    ("a length and chunks", |r| changed(r.chunked(16), "transfer-encoding", "content-length: 3\r\ntransfer-encoding"), Either),
];

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    for (name, wire, outcome) in ROWS {
        table.row(*name, async move |trial| {
            let request = SignedRequest::for_task("framed");
            match (outcome, trial.exchange(&wire(&request)).await) {
                (Rejected(code), answer) => trial.rejected(&answer?, code)?,
                (Framework | Either, Ok(answer)) if (400..500).contains(&answer.status) => {}
                (Framework, Err(End::Closed | End::Torn | End::Reset)) => {}
                (Framework, answer) => return Err(format!("got {:?}", answer?.summary())),
                (Accepted | Either, answer) => trial.accepted(&answer?, &request)?,
            }
            trial.still_serves().await
        });
    }
    table.row("the whole request byte by byte", async |trial| {
        let request = SignedRequest::for_task("framed");
        let mut connection = trial.connect().await?;
        for byte in request.whole().chunks(1) {
            connection.send(byte).await;
            tokio::task::yield_now().await;
        }
        trial.accepted(&connection.receive().await?, &request)
    });
}

fn with_trailer(request: &SignedRequest, trailer: &str) -> Vec<u8> {
    let end = format!("\r\n0\r\n{trailer}\r\n\r\n");
    changed(request.chunked(16), "\r\n0\r\n\r\n", &end)
}
