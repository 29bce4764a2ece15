//! Bodies that break off, and clients that go away.

use nano_webhook_test_kit::SignedRequest;

use crate::table::Table;
use crate::target::Target;

/// What is sent of a body before the client falls silent or hangs up.
const HALVES: [(&str, &str, &str); 4] = [
    ("with a length, nothing of it", LENGTH, ""),
    ("with a length, half of it", LENGTH, "{\"event\""),
    ("in chunks, within a chunk", CHUNKED, "20\r\n{\"event\""),
    (
        "in chunks, without the last",
        CHUNKED,
        "8\r\n{\"event\"\r\n",
    ),
];

const MALFORMED: [(&str, &str); 4] = [
    ("a chunk without a size", "\r\n\r\n"),
    ("a chunk size in words", "many\r\n{}\r\n0\r\n\r\n"),
    ("a chunk size beyond 64 bits", "10000000000000000\r\n{}"),
    ("a chunk longer than its size", "1\r\n{}\r\n0\r\n\r\n"),
];

const LENGTH: &str = "content-length: 100\r\n";
const CHUNKED: &str = "transfer-encoding: chunked\r\n";

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    let silent = HALVES.map(|(name, lines, half)| (name, lines, half, true));
    let malformed = MALFORMED.map(|(name, body)| (name, CHUNKED, body, false));
    for (name, lines, body, ends) in silent.into_iter().chain(malformed) {
        table.row(format!("rejected: {name}"), async move |trial| {
            let mut connection = trial.begin(wire(lines, body)).await?;
            if ends {
                connection.close_sending_side().await;
            }
            trial.rejected(&connection.receive().await?, "body_incomplete")?;
            connection.until_closed().await?;
            trial.still_serves().await
        });
    }
    for (name, lines, half) in HALVES {
        table.row(format!("the client hangs up: {name}"), async move |trial| {
            let connection = trial.begin(wire(lines, half)).await?;
            connection.reset();
            trial.still_serves().await
        });
    }
    table.row("the client hangs up within the head", async |trial| {
        let mut connection = trial.connect().await?;
        let head = request().head("");
        connection.send(&head[..head.len() / 2]).await;
        connection.reset();
        trial.still_serves().await
    });
    table.row("the client hangs up before its answer", async |trial| {
        for request in [request(), request().forged()] {
            let connection = trial.begin(&request.whole()).await?;
            connection.reset();
        }
        trial.still_serves().await
    });
    table.row("a stream is reset within its body", async |trial| {
        let mut connection = trial.http2().await?;
        let mut stream = connection.begin(&request()).await?;
        stream.send(b"{\"event\"", false).await?;
        stream.reset();
        let other = request();
        let answer = connection.exchange(&other).await?;
        trial.accepted(&answer, &other)
    });
}

fn request() -> SignedRequest {
    SignedRequest::for_task("broken")
}

fn wire(lines: &str, body: &str) -> Vec<u8> {
    [&*request().head(lines), body.as_bytes()].concat()
}
