//! Bodies that break off, and clients that go away.

use crate::table::Table;
use crate::target::Target;
use nano_webhook_test_kit::SignedRequest;

const HALVES: [(&str, &str, &[u8]); 4] = [
    (
        "with a length, nothing of it",
        "content-length: 100\r\n",
        b"",
    ),
    (
        "with a length, half of it",
        "content-length: 100\r\n",
        b"{\"event\"",
    ),
    (
        "in chunks, within a chunk",
        "transfer-encoding: chunked\r\n",
        b"20\r\n{\"event\"",
    ),
    (
        "in chunks, without the last",
        "transfer-encoding: chunked\r\n",
        b"8\r\n{\"event\"\r\n",
    ),
];

const MALFORMED: [(&str, &[u8]); 4] = [
    ("a chunk without a size", b"\r\n\r\n"),
    ("a chunk size in words", b"many\r\n{}\r\n0\r\n\r\n"),
    ("a chunk size beyond 64 bits", b"10000000000000000\r\n{}"),
    ("a chunk longer than its size", b"1\r\n{}\r\n0\r\n\r\n"),
];

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    for (name, lines, half) in HALVES {
        table.row(
            format!("the client falls silent: {name}"),
            async move |trial| {
                let mut connection = trial.connect().await?;
                connection.send(&request().head(lines)).await;
                connection.send(half).await;
                connection.close_sending_side().await;
                let answer = connection.receive().await?;
                trial.refused_on_http1(&answer, "body_incomplete")?;
                connection.until_closed().await?;
                trial.still_serves().await
            },
        );
        table.row(format!("the client hangs up: {name}"), async move |trial| {
            let mut connection = trial.connect().await?;
            connection.send(&request().head(lines)).await;
            connection.send(half).await;
            connection.reset();
            trial.still_serves().await
        });
    }
    for (name, body) in MALFORMED {
        table.row(name, async move |trial| {
            let mut connection = trial.connect().await?;
            let head = request().head("transfer-encoding: chunked\r\n");
            connection.send(&[&head, body].concat()).await;
            let answer = connection.receive().await?;
            trial.refused_on_http1(&answer, "body_incomplete")?;
            connection.until_closed().await?;
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
            let mut connection = trial.connect().await?;
            connection.send(&request.whole()).await;
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
