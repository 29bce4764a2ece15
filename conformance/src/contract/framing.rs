//! Odd ways to say where a message ends. A row that an HTTP implementation
//! settles by itself says what may come of it; never is anything else handled
//! than what was signed.

use crate::table::{Check, Table};
use crate::target::Target;
use crate::trial::Trial;
use nano_webhook_test_kit::End;
use nano_webhook_test_kit::SignedRequest;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    table.row("chunks of one byte", async |trial| {
        let request = request();
        let answer = trial.exchange(&request.chunked(1)).await?;
        trial.accepted(&answer, &request)
    });
    table.row("the whole request byte by byte", async |trial| {
        let request = request();
        let mut connection = trial.connect().await?;
        for byte in request.whole().chunks(1) {
            connection.send(byte).await;
            tokio::task::yield_now().await;
        }
        trial.accepted(&connection.receive().await?, &request)
    });
    table.row("chunk extensions are not part of the body", async |trial| {
        let request = request();
        let text = String::from_utf8(request.chunked(16)).unwrap();
        let text = text.replace("\r\n10\r\n", "\r\n10;name=value;x=\"y\"\r\n");
        let answer = trial.exchange(text.as_bytes()).await?;
        trial.accepted(&answer, &request)
    });
    table.row("trailers are ignored", async |trial| {
        let request = request();
        let bytes = with_trailers(&request, "x-checksum: 1\r\n");
        let answer = trial.exchange(&bytes).await?;
        trial.accepted(&answer, &request)
    });
    table.row("a signature in a trailer is none", async |trial| {
        let request = request();
        let (_, signature) = &request.headers[1];
        let signature = String::from_utf8_lossy(signature);
        let bytes = with_trailers(
            &request.clone().without("x-nano-signature"),
            &format!("x-nano-signature: {signature}\r\n"),
        );
        let answer = trial.exchange(&bytes).await?;
        trial.refused_on_http1(&answer, "missing_header")
    });
    table.row("header names in any case", async |trial| {
        let request = request();
        let text = String::from_utf8(request.whole()).unwrap();
        let text = text
            .replace("x-nano-timestamp", "X-NANO-TimeStamp")
            .replace("x-nano-signature", "X-Nano-Signature");
        let answer = trial.exchange(text.as_bytes()).await?;
        trial.accepted(&answer, &request)
    });
    table.row("white space around header values", async |trial| {
        let request = request();
        let text = String::from_utf8(request.whole()).unwrap();
        let text = text.replace("x-nano-timestamp: ", "x-nano-timestamp:\t  ");
        let answer = trial.exchange(text.as_bytes()).await?;
        trial.accepted(&answer, &request)
    });
    table.row("a length shorter than the body", async |trial| {
        let request = request();
        let length = request.body.len() - 1;
        let mut bytes = request.head(&format!("content-length: {length}\r\n"));
        bytes.extend_from_slice(&request.body);
        let answer = trial.exchange(&bytes).await?;
        trial.refused(&answer, "signature_mismatch")?;
        trial.still_serves().await
    });
    table.row("a length longer than the body", async |trial| {
        let request = request();
        let length = request.body.len() + 1;
        let mut bytes = request.head(&format!("content-length: {length}\r\n"));
        bytes.extend_from_slice(&request.body);
        let mut connection = trial.connect().await?;
        connection.send(&bytes).await;
        connection.close_sending_side().await;
        let answer = connection.receive().await?;
        trial.refused_on_http1(&answer, "body_incomplete")
    });
    for (name, lines) in [
        (
            "two different lengths",
            "content-length: LENGTH\r\ncontent-length: 1\r\n",
        ),
        ("a list of lengths", "content-length: LENGTH, 1\r\n"),
        ("a negative length", "content-length: -1\r\n"),
        ("a length with a sign", "content-length: +LENGTH\r\n"),
        ("a length in hex", "content-length: 0x10\r\n"),
        ("an unknown coding", "transfer-encoding: xchunked\r\n"),
        (
            "a coding after chunked",
            "transfer-encoding: chunked, gzip\r\n",
        ),
        (
            "white space before a header's colon",
            "content-length : LENGTH\r\n",
        ),
    ] {
        table.row(
            format!("the framework refuses {name}"),
            async move |trial| {
                let request = request();
                let length = request.body.len().to_string();
                let mut bytes = request.head(&lines.replace("LENGTH", &length));
                bytes.extend_from_slice(&request.body);
                refused_by_framework(trial, &bytes).await
            },
        );
    }
    table.row("the framework refuses a flood of headers", async |trial| {
        let flood: String = (0..2000).map(|n| format!("x-flood-{n}: x\r\n")).collect();
        let length = request().body.len();
        let mut bytes = request().head(&format!("content-length: {length}\r\n{flood}"));
        bytes.extend_from_slice(&request().body);
        refused_by_framework(trial, &bytes).await
    });
    table.row("the framework refuses a head without end", async |trial| {
        let header = format!("x-flood: {}\r\n", "x".repeat(2 << 20));
        refused_by_framework(trial, &request().head(&header)).await
    });
    table.row("a length beside chunks", async |trial| {
        // RFC 9112, section 6.3: refuse, or let the chunks count.
        let request = request();
        let text = String::from_utf8(request.chunked(16)).unwrap();
        let text = text.replacen(
            "transfer-encoding",
            "content-length: 3\r\ntransfer-encoding",
            1,
        );
        let answer = trial.exchange(text.as_bytes()).await?;
        match answer.status {
            400..500 => {}
            _ => trial.accepted(&answer, &request)?,
        }
        trial.still_serves().await
    });
}

fn request() -> SignedRequest {
    SignedRequest::for_task("framed")
}

fn with_trailers(request: &SignedRequest, trailers: &str) -> Vec<u8> {
    let mut bytes = request.chunked(16);
    assert!(bytes.ends_with(b"0\r\n\r\n"));
    bytes.truncate(bytes.len() - 2);
    bytes.extend_from_slice(trailers.as_bytes());
    bytes.extend_from_slice(b"\r\n");
    bytes
}

/// In its own words, or by hanging up. It does not handle it, and goes on.
async fn refused_by_framework(trial: &Trial, bytes: &[u8]) -> Check {
    let mut connection = trial.connect().await?;
    match connection.exchange(bytes).await {
        Ok(answer) if !(400..500).contains(&answer.status) => {
            return Err(format!("got {} {}", answer.status, answer.text()));
        }
        Err(End::Silent) => return Err(End::Silent.into()),
        _ => {}
    }
    trial.still_serves().await
}
