//! What is wrong with a head is answered, although the client never sends one
//! byte of its body; and the connection, with that body still to come, is closed.

use super::heads::{RefusedHead, refused_heads};
use crate::answers::has_status;
use crate::table::{Check, Table};
use crate::target::Target;
use crate::trial::Trial;
use nano_webhook_test_kit::SignedRequest;

/// How a body is announced.
const FORMS: [(&str, &str); 3] = [
    ("announced", "content-length: 1000\r\n"),
    ("in chunks", "transfer-encoding: chunked\r\n"),
    (
        "awaiting 100",
        "content-length: 1000\r\nexpect: 100-continue\r\n",
    ),
];

/// Lengths over the default limit of 262144 bytes.
const TOO_LARGE: [(&str, &str); 3] = [
    ("by one byte", "content-length: 262145\r\n"),
    (
        "by one byte, awaiting 100",
        "content-length: 262145\r\nexpect: 100-continue\r\n",
    ),
    (
        "beyond every limit",
        "content-length: 9223372036854775807\r\n",
    ),
];

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    let continues = table.target.continues_by_itself();
    for RefusedHead {
        name,
        request,
        code,
    } in refused_heads()
    {
        for (form, lines) in FORMS {
            let request = request.clone();
            table.row(
                format!("{name}, no byte of its body, {form}"),
                async move |trial| refused_unread(trial, &request, lines, continues, code).await,
            );
        }
        table.row(
            format!("{name}, and a body without end"),
            async move |trial| {
                let mut connection = trial.connect().await?;
                let head = request.head("transfer-encoding: chunked\r\n");
                connection.send(&head).await;
                let answer = connection.receive().await?;
                trial.refused_on_http1(&answer, code)?;
                connection.flood(&chunk()).await?;
                trial.still_serves().await
            },
        );
    }
    for (name, lines) in TOO_LARGE {
        table.row(
            format!("too large {name}, no byte of its body"),
            async move |trial| {
                let request = SignedRequest::for_task("large");
                refused_unread(trial, &request, lines, continues, "body_too_large").await
            },
        );
    }
}

async fn refused_unread(
    trial: &Trial,
    request: &SignedRequest,
    lines: &str,
    continues: bool,
    code: &str,
) -> Check {
    let mut connection = trial.connect().await?;
    connection.send(&request.head(lines)).await;
    if continues && lines.contains("100-continue") {
        has_status(&connection.receive().await?, 100)?;
    }
    let answer = connection.receive().await?;
    trial.refused_on_http1(&answer, code)?;
    connection.until_closed().await
}

pub(super) fn chunk() -> Vec<u8> {
    let data = vec![b'x'; 0x4000];
    [b"4000\r\n".as_slice(), &data, b"\r\n"].concat()
}
