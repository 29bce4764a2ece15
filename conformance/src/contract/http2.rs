//! Streams: what rejects one must leave the others alone.

use futures_util::future::try_join_all;
use nano_webhook_test_kit::{Http2, SignedRequest};

use super::heads::rejected_heads;
use super::limits::small;
use crate::table::{Check, Table, ensure};
use crate::target::Target;
use crate::trial::Trial;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    let large = request().header("content-length", "262145");
    let mut heads = rejected_heads();
    heads.push(("too large by its length", large, "body_too_large"));
    for (name, request, code) in heads {
        let name = format!("HTTP/2: {name}, no byte of its body");
        table.row(name, async move |trial| {
            let mut connection = trial.http2().await?;
            let mut stream = connection.begin(&request).await?;
            trial.rejected(&stream.answer().await?, code)?;
            goes_on(trial, &mut connection).await
        });
    }
    table.row_with("HTTP/2: a body without end", small(), async |trial| {
        let mut connection = trial.http2().await?;
        let mut stream = connection.begin(&request()).await?;
        let answer = stream.exchange(&vec![b'x'; 4 << 20]).await?;
        trial.rejected(&answer, "body_too_large")?;
        goes_on(trial, &mut connection).await
    });
    table.row("HTTP/2: rejected bodies return the window", async |trial| {
        // What stays unread of a rejected stream counts against the window of
        // the whole connection, until the server gives it back. This is far
        // more than any such window.
        let mut heads = rejected_heads().into_iter();
        let (_, stale, code) = heads.find(|(name, ..)| *name == "stale").unwrap();
        let mut connection = trial.http2().await?;
        for _ in 0..200 {
            let mut stream = connection.begin(&stale).await?;
            match stream.send(&[b'x'; 48 << 10], false).await {
                Err(hung) if hung == Http2::NOT_READ => return Err(hung),
                // The server may have rejected it already, and reset the stream.
                _ => {}
            }
            trial.rejected(&stream.answer().await?, code)?;
        }
        let large = SignedRequest::of_size(200_000);
        let answer = connection.exchange(&large).await?;
        trial.accepted(&answer, &large)
    });
    table.row("HTTP/2: a hundred streams at once", async |trial| {
        let mut connection = trial.http2().await?;
        let mut open = Vec::new();
        for number in 0..100 {
            let request = SignedRequest::for_task(&format!("stream {number}"));
            let stream = connection.begin(&request).await?;
            open.push((request, stream));
        }
        // All heads are there before the first body, and they end in reverse.
        let answers = open.into_iter().rev().map(async |(request, mut stream)| {
            let answer = stream.exchange(&request.body).await?;
            trial.accepted(&answer, &request)
        });
        try_join_all(answers).await.map(|_| ())
    });
    table.row("HTTP/2: rejected streams among others", async |trial| {
        let mut connection = trial.http2().await?;
        let late = SignedRequest::for_task("late");
        let mut waiting = connection.begin(&late).await?;
        for (_, request, code) in rejected_heads() {
            let mut stream = connection.begin(&request).await?;
            trial.rejected(&stream.answer().await?, code)?;
        }
        goes_on(trial, &mut connection).await?;
        let forged = request().forged();
        let answer = connection.exchange(&forged).await?;
        trial.rejected(&answer, "signature_mismatch")?;
        let answer = waiting.exchange(&late.body).await?;
        trial.accepted(&answer, &late)
    });
    table.row("HTTP/2: the client hangs up within a body", async |trial| {
        let mut connection = trial.http2().await?;
        let mut stream = connection.begin(&request()).await?;
        stream.send(b"{\"event\"", false).await?;
        drop(connection);
        trial.still_serves().await
    });
}

fn request() -> SignedRequest {
    SignedRequest::for_task("stream")
}

/// The same connection takes a delivery.
async fn goes_on(trial: &Trial, connection: &mut Http2) -> Check {
    let request = SignedRequest::for_task("next stream");
    let answer = connection.exchange(&request).await;
    let answer = answer.map_err(|error| format!("the next stream: {error}"))?;
    trial.accepted(&answer, &request)?;
    ensure(connection.is_up(), "the connection was closed")
}
