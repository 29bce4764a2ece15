//! Streams: what refuses one must leave the others alone.

use futures_util::future::try_join_all;

use super::heads::refused_heads;
use super::limits::small;
use crate::http2::Http2;
use crate::table::{Check, Table};
use crate::target::Target;
use crate::trial::Trial;
use nano_webhook_test_kit::SignedRequest;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    for head in refused_heads() {
        table.row(
            format!("HTTP/2: {}, no byte of its body", head.name),
            async move |trial| {
                let mut connection = trial.http2().await?;
                let mut stream = connection.begin(&head.request).await?;
                let answer = stream.answer().await?;
                trial.refused(&answer, head.code)?;
                no_connection_header(answer.all("connection").count())?;
                goes_on(trial, &mut connection).await
            },
        );
    }
    table.row("HTTP/2: too large by its length, unread", async |trial| {
        let mut connection = trial.http2().await?;
        let length = ("content-length", "262145");
        let mut stream = connection.begin_with(&request(), length).await?;
        trial.refused(&stream.answer().await?, "body_too_large")?;
        goes_on(trial, &mut connection).await
    });
    table.row_with("HTTP/2: a body without end", small(), async |trial| {
        let mut connection = trial.http2().await?;
        let mut stream = connection.begin(&request()).await?;
        let answer = stream.exchange(&vec![b'x'; 4 << 20]).await?;
        trial.refused(&answer, "body_too_large")?;
        goes_on(trial, &mut connection).await
    });
    table.row(
        "HTTP/2: no connection header in any answer",
        async |trial| {
            let mut connection = trial.http2().await?;
            for request in [request(), request().forged()] {
                let answer = connection.exchange(&request).await?;
                no_connection_header(answer.all("connection").count())?;
            }
            goes_on(trial, &mut connection).await
        },
    );
    table.row(
        "HTTP/2: refused bodies give the window back",
        async |trial| {
            // What stays unread of a refused stream counts against the window of
            // the whole connection, until the server gives it back. This is far
            // more than any such window.
            let stale = refused_heads()
                .into_iter()
                .find(|head| head.name == "stale");
            let stale = stale.unwrap().request;
            let mut connection = trial.http2().await?;
            for _ in 0..200 {
                let mut stream = connection.begin(&stale).await?;
                // The server may have refused it already, and reset the stream.
                let _ = stream.send(&[b'x'; 48 << 10], false).await;
                trial.refused(&stream.answer().await?, "timestamp_out_of_tolerance")?;
            }
            let large = SignedRequest::of_size(200_000);
            let answer = connection.exchange(&large).await?;
            trial.accepted(&answer, &large)
        },
    );
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
    table.row("HTTP/2: refused streams among others", async |trial| {
        let mut connection = trial.http2().await?;
        let (early, late) = (request(), SignedRequest::for_task("late"));
        let mut waiting = connection.begin(&late).await?;
        for head in refused_heads() {
            let mut stream = connection.begin(&head.request).await?;
            trial.refused(&stream.answer().await?, head.code)?;
        }
        let answer = connection.exchange(&early).await?;
        trial.accepted(&answer, &early)?;
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

fn no_connection_header(count: usize) -> Check {
    match count {
        0 => Ok(()),
        _ => Err("an HTTP/2 answer has a Connection header".to_owned()),
    }
}

/// The same connection takes a delivery.
async fn goes_on(trial: &Trial, connection: &mut Http2) -> Check {
    let request = SignedRequest::for_task("next stream");
    let answer = connection
        .exchange(&request)
        .await
        .map_err(|error| format!("the next stream: {error}"))?;
    trial.accepted(&answer, &request)?;
    match connection.is_up() {
        true => Ok(()),
        false => Err("the connection was closed".to_owned()),
    }
}
