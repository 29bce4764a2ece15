//! What is wrong with a head is answered, although the client never sends one
//! byte of its body; and the connection, with that body still to come, is closed.
//! A head that is fine gets its 100, if the client awaits it (RFC 9110, section 10.1.1).

use nano_webhook_test_kit::SignedRequest;

use super::heads::rejected_heads;
use super::limits::chunk;
use crate::answers::has_status;
use crate::table::Table;
use crate::target::Target;

const CHUNKED: &str = "transfer-encoding: chunked\r\n";

/// How a body is announced.
#[rustfmt::skip]
const FORMS: [(&str, &str); 3] = [
    ("announced", "content-length: 1000\r\n"),
    ("in chunks", CHUNKED),
    ("awaiting 100", "content-length: 1000\r\nexpect: 100-continue\r\n"),
];

/// Lengths over the default limit of 262144 bytes.
#[rustfmt::skip]
const TOO_LARGE: [(&str, &str); 3] = [
    ("too large by one byte", "content-length: 262145\r\n"),
    ("too large by one byte, awaiting 100", "content-length: 262145\r\nexpect: 100-continue\r\n"),
    ("too large beyond every limit", "content-length: 9223372036854775807\r\n"),
];

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    let continues = table.target.continues_by_itself();
    let large = TOO_LARGE.map(|(name, lines)| {
        let request = SignedRequest::for_task("large");
        (name.to_owned(), request, lines, "body_too_large")
    });
    let heads = rejected_heads()
        .into_iter()
        .flat_map(|(name, request, code)| {
            FORMS.map(|(form, lines)| (format!("{name}, {form}"), request.clone(), lines, code))
        });
    for (name, request, lines, code) in heads.chain(large) {
        table.row(format!("{name}, no byte of its body"), async move |trial| {
            let mut connection = trial.begin(&request.head(lines)).await?;
            if continues && lines.contains("100-continue") {
                has_status(&connection.receive().await?, 100)?;
            }
            trial.rejected(&connection.receive().await?, code)?;
            connection.until_closed().await
        });
    }
    for (name, request, code) in rejected_heads() {
        table.row(format!("{name}, an endless body"), async move |trial| {
            let (mut connection, answer) = trial.ask(&request.head(CHUNKED)).await?;
            trial.rejected(&answer, code)?;
            connection.flood(&chunk()).await?;
            trial.still_serves().await
        });
    }
    let fine = SignedRequest::for_task("continued");
    let forged = fine.clone().forged();
    let mismatch = Some("signature_mismatch");
    for (name, request, waits, rejected) in [
        ("awaits 100, gets it, and 200", fine.clone(), true, None),
        ("awaits 100, gets it, and 401", forged, true, mismatch),
        ("does not wait for its 100", fine, false, None),
    ] {
        table.row(name, async move |trial| {
            let mut connection = trial.connect().await?;
            let mut wire = request.framed("content-length: {length}\r\nexpect: 100-continue\r\n");
            if waits {
                let body = wire.split_off(wire.len() - request.body.len());
                connection.send(wire).await;
                has_status(&connection.receive().await?, 100)?;
                wire = body;
            }
            let mut answer = connection.exchange(wire).await?;
            if !waits && answer.status == 100 {
                answer = connection.receive().await?;
            }
            match rejected {
                Some(code) => trial.rejected(&answer, code),
                None => trial.accepted(&answer, &request),
            }
        });
    }
}
