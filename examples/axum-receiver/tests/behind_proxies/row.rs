use std::path::Path;

use nano_webhook_axum::{Secret, Signer, UnixTime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::{HANG, SECRET};

/// A request, and the status that arrives at its sender.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    body: Vec<u8>,
    framing: Framing,
    pub(crate) times: usize,
    signature: Signature,
    pub(crate) status: Option<u16>,
}

#[derive(Clone, Copy, PartialEq)]
enum Framing {
    ContentLength,
    Chunked,
    /// All but the last byte, and then nothing.
    Stalled,
}

#[derive(Clone, Copy, PartialEq)]
enum Signature {
    Right,
    Wrong,
    Twice,
}

pub(crate) fn rows(stalled: Option<u16>) -> Vec<Row> {
    let awkward = "{\"event\":\"job.failed\", \"task_id\":\"\u{e9}\u{1f34c}\\u0041\",\n \"error\":\"a\\/b\"}\n";
    let of_size = |size: usize| {
        let frame = r#"{"event":"job.failed","task_id":""}"#.len();
        let task = "x".repeat(size - frame);
        format!(r#"{{"event":"job.failed","task_id":"{task}"}}"#).into_bytes()
    };
    let row = |name, body, framing, status| Row {
        name,
        body,
        framing,
        times: 1,
        signature: Signature::Right,
        status: Some(status),
    };
    use Framing::{Chunked, ContentLength, Stalled};
    vec![
        row("a delivery", awkward.into(), ContentLength, 200),
        row("a delivery in chunks", awkward.into(), Chunked, 200),
        row("the largest", of_size(256 * 1024), ContentLength, 200),
        row("the largest in chunks", of_size(256 * 1024), Chunked, 200),
        Row {
            status: stalled,
            ..row("a body that stalls", of_size(1024), Stalled, 0)
        },
        Row {
            times: 100,
            ..row("too large", of_size(300_000), ContentLength, 413)
        },
        Row {
            times: 20,
            ..row("too large in chunks", of_size(300_000), Chunked, 413)
        },
        Row {
            times: 20,
            signature: Signature::Wrong,
            ..row("forged", of_size(200_000), ContentLength, 401)
        },
        Row {
            times: 20,
            signature: Signature::Twice,
            ..row("signed twice", of_size(200_000), ContentLength, 400)
        },
    ]
}

/// The whole request first, as a sender does that does not look for an early answer.
pub(crate) async fn deliver(socket: &Path, row: &Row) -> String {
    let signer = Signer::new(Secret::new(SECRET).unwrap());
    let signed_body = match row.signature {
        Signature::Wrong => b"another body".as_slice(),
        Signature::Right | Signature::Twice => &row.body,
    };
    let signed = signer.sign(UnixTime::now(), signed_body);
    let signature = format!("x-nano-signature: {}\r\n", signed.signature());
    let signatures = match row.signature {
        Signature::Twice => signature.repeat(2),
        Signature::Right | Signature::Wrong => signature,
    };
    let framing = match row.framing {
        Framing::Chunked => "transfer-encoding: chunked".to_owned(),
        Framing::ContentLength | Framing::Stalled => format!("content-length: {}", row.body.len()),
    };
    let mut request = format!(
        "POST /webhook HTTP/1.1\r\nhost: webhooks.example.com\r\nconnection: close\r\n\
         content-type: application/json\r\nx-nano-timestamp: {}\r\n{signatures}{framing}\r\n\r\n",
        signed.timestamp(),
    )
    .into_bytes();
    match row.framing {
        Framing::ContentLength => request.extend(&row.body),
        Framing::Stalled => request.extend(row.body.iter().take(row.body.len() - 1)),
        Framing::Chunked => {
            for chunk in row.body.chunks(10_000) {
                request.extend(format!("{:x}\r\n", chunk.len()).bytes());
                request.extend(chunk);
                request.extend(b"\r\n");
            }
            request.extend(b"0\r\n\r\n");
        }
    }
    let mut stream = UnixStream::connect(socket).await.unwrap();
    // A proxy that has answered need not read the rest.
    let _ = timeout(HANG, stream.write_all(&request)).await;
    let mut answer = Vec::new();
    let _ = timeout(HANG, stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}
