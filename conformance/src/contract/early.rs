//! What is wrong with a head is answered, although the client never sends one
//! byte of its body; and the connection, with that body still to come, is closed.

use std::time::Duration;

use crate::http::Connection;
use crate::report::Report;
use crate::settings::Settings;
use crate::signed::SignedRequest;
use crate::target::Target;
use crate::verdicts::check_problem;

const TIMESTAMP: &str = "x-nano-timestamp";
const SIGNATURE: &str = "x-nano-signature";

pub(super) async fn run(target: &impl Target, report: &mut Report) {
    let server = target.start(Settings::default()).await;
    for (name, request, status, code) in rows() {
        for (form, lines) in forms(code) {
            let mut connection = Connection::open(server.addr).await;
            connection.send(&request.head(lines)).await;
            let name = format!("{name}, {form}");
            let asks = lines.contains("100-continue") && target.continues_by_itself();
            report.add(&name, check(&mut connection, asks, status, code).await);
        }
    }
}

async fn check(
    connection: &mut Connection,
    continues: bool,
    status: u16,
    code: &str,
) -> Result<(), String> {
    if continues && connection.receive().await?.status != 100 {
        return Err("does not continue by itself".to_owned());
    }
    let answer = connection.receive().await?;
    if answer.status != status {
        return Err(format!(
            "got {} {:?}, not {status}",
            answer.status,
            answer.code()
        ));
    }
    check_problem(&answer, code)?;
    if answer.header("connection") != Some("close") {
        return Err(format!("Connection is {:?}", answer.header("connection")));
    }
    connection.until_closed().await
}

/// How a body can be announced. One that is refused for its announced length can
/// only be announced by it.
fn forms(code: &str) -> &'static [(&'static str, &'static str)] {
    match code {
        "body_too_large" => &[
            ("announced", "content-length: 262145\r\n"),
            (
                "announced, awaiting 100",
                "content-length: 262145\r\nexpect: 100-continue\r\n",
            ),
            (
                "announced beyond every limit",
                "content-length: 9223372036854775807\r\n",
            ),
        ],
        _ => &[
            ("announced", "content-length: 1000\r\n"),
            (
                "announced, awaiting 100",
                "content-length: 1000\r\nexpect: 100-continue\r\n",
            ),
            ("in chunks", "transfer-encoding: chunked\r\n"),
        ],
    }
}

fn rows() -> Vec<(&'static str, SignedRequest, u16, &'static str)> {
    let fine = || SignedRequest::for_task("early");
    let off = |by: Duration, later: bool| {
        let time = match later {
            true => Settings::NOW.saturating_add(by),
            false => Settings::NOW.saturating_sub(by),
        };
        SignedRequest::signed_at(time, "{}")
    };
    let hour = Duration::from_secs(3600);
    vec![
        (
            "no timestamp",
            fine().without(TIMESTAMP),
            401,
            "missing_header",
        ),
        (
            "no signature",
            fine().without(SIGNATURE),
            401,
            "missing_header",
        ),
        (
            "neither",
            fine().without(TIMESTAMP).without(SIGNATURE),
            401,
            "missing_header",
        ),
        (
            "two timestamps",
            fine().header(TIMESTAMP, "1734948000"),
            400,
            "duplicate_header",
        ),
        (
            "two signatures",
            fine().header(SIGNATURE, "v1="),
            400,
            "duplicate_header",
        ),
        (
            "a timestamp in words",
            fine().with(TIMESTAMP, "today"),
            400,
            "malformed_timestamp",
        ),
        (
            "a signature without v1=",
            fine().with(SIGNATURE, "abc"),
            400,
            "malformed_signature",
        ),
        ("stale", off(hour, false), 401, "timestamp_out_of_tolerance"),
        ("ahead", off(hour, true), 401, "timestamp_out_of_tolerance"),
        (
            "compressed",
            fine().header("content-encoding", "gzip"),
            415,
            "unsupported_content_encoding",
        ),
        ("too large", fine(), 413, "body_too_large"),
    ]
}
