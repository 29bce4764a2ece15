//! Bodies that are too large, too slow, or that never come to their end.

use std::time::Duration;

use crate::http::{Connection, Response};
use crate::report::Report;
use crate::settings::Settings;
use crate::signed::SignedRequest;
use crate::target::{Server, Target};
use crate::vectors::Options;
use crate::verdicts::check_problem;

const LIMIT: usize = 1000;

pub(super) async fn run(target: &impl Target, report: &mut Report) {
    let small = Settings {
        options: Options {
            max_body_bytes: Some(LIMIT),
            ..Options::default()
        },
        ..Settings::default()
    };
    let server = target.start(small.clone()).await;
    report.add("exactly the limit", whole(&server, LIMIT, 200, "").await);
    report.add(
        "one over, announced",
        whole(&server, LIMIT + 1, 413, "body_too_large").await,
    );
    report.add(
        "exactly the limit, in chunks",
        chunks(&server, LIMIT, 200, "").await,
    );
    report.add(
        "one over, in chunks",
        chunks(&server, LIMIT + 1, 413, "body_too_large").await,
    );
    report.add(
        "four megabytes in chunks",
        chunks(&server, 4 << 20, 413, "body_too_large").await,
    );
    report.add(
        "four megabytes behind a stale head",
        flood(&server, SignedRequest::signed_at(super_stale(), "{}")).await,
    );
    report.add(
        "no body at all",
        whole(&server, 0, 422, "invalid_event").await,
    );

    let impatient = Settings {
        body_timeout: Duration::from_millis(300),
        ..small
    };
    let server = target.start(impatient).await;
    report.add("a body that never comes", never(&server).await);
    report.add("a body that trickles", trickle(&server).await);
    report.add(
        "a body in chunks that trickles",
        trickle_in_chunks(&server).await,
    );

    let server = target.start(Settings::default()).await;
    for (name, head) in [
        ("a body that breaks off", "content-length: 100\r\n"),
        (
            "a body in chunks that breaks off",
            "transfer-encoding: chunked\r\n",
        ),
    ] {
        report.add(name, broken_off(&server, head).await);
    }
    report.add(
        "the server goes on after all that",
        whole(&server, 50, 200, "").await,
    );
}

/// A signed event with this many bytes; with none, it is not one.
fn request(size: usize) -> SignedRequest {
    let frame = r#"{"event":"job.failed","task_id":""}"#.len();
    match size.checked_sub(frame) {
        None => SignedRequest::new(""),
        Some(rest) => SignedRequest::for_task(&"x".repeat(rest.max(1))),
    }
}

fn super_stale() -> nano_webhook_core::UnixTime {
    Settings::NOW.saturating_sub(Duration::from_secs(86_400))
}

async fn whole(server: &Server, size: usize, status: u16, code: &str) -> Result<(), String> {
    let mut connection = Connection::open(server.addr).await;
    expect(
        &connection.exchange(&request(size).whole()).await?,
        status,
        code,
    )
}

async fn chunks(server: &Server, size: usize, status: u16, code: &str) -> Result<(), String> {
    let mut connection = Connection::open(server.addr).await;
    let answer = connection.exchange(&request(size).chunked(700)).await?;
    expect(&answer, status, code)
}

/// The refusal must be readable, although the client is still sending.
async fn flood(server: &Server, request: SignedRequest) -> Result<(), String> {
    let mut bytes = request.head("transfer-encoding: chunked\r\n");
    let chunk = [b"1000\r\n".as_slice(), &[b'x'; 0x1000], b"\r\n"].concat();
    for _ in 0..1024 {
        bytes.extend_from_slice(&chunk);
    }
    let mut connection = Connection::open(server.addr).await;
    let answer = connection.exchange(&bytes).await?;
    expect(&answer, 401, "timestamp_out_of_tolerance")
}

async fn never(server: &Server) -> Result<(), String> {
    let mut connection = Connection::open(server.addr).await;
    connection
        .send(&request(100).head("content-length: 100\r\n"))
        .await;
    cut(&mut connection).await
}

async fn trickle(server: &Server) -> Result<(), String> {
    let mut connection = Connection::open(server.addr).await;
    connection
        .send(&request(100).head("content-length: 100\r\n"))
        .await;
    dribble(&mut connection, b"{").await
}

async fn trickle_in_chunks(server: &Server) -> Result<(), String> {
    let mut connection = Connection::open(server.addr).await;
    connection
        .send(&request(100).head("transfer-encoding: chunked\r\n"))
        .await;
    dribble(&mut connection, b"1\r\n{\r\n").await
}

/// Sends a little, again and again, until the server has had enough of it. Each
/// bit would start a deadline anew, if there were one for each read.
async fn dribble(connection: &mut Connection, bit: &[u8]) -> Result<(), String> {
    for _ in 0..10 {
        connection.send(bit).await;
        // Slow by nature: it is what a trickler does.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    cut(connection).await
}

async fn cut(connection: &mut Connection) -> Result<(), String> {
    let answer = connection.receive().await?;
    expect(&answer, 408, "body_timeout")?;
    if answer.header("connection") != Some("close") {
        return Err(format!("Connection is {:?}", answer.header("connection")));
    }
    connection.until_closed().await
}

/// The client will send no more, but still listens. Not every HTTP implementation
/// lets us answer; none may take the half for the whole.
async fn broken_off(server: &Server, head: &str) -> Result<(), String> {
    let mut connection = Connection::open(server.addr).await;
    connection.send(&request(100).head(head)).await;
    connection.send(b"7\r\n{\"event").await;
    connection.close_sending_side().await;
    match connection.receive().await {
        Ok(answer) => expect(&answer, 400, "body_incomplete"),
        Err(closed) if closed.starts_with("closed") || closed.starts_with("broken") => Ok(()),
        Err(other) => Err(other),
    }
}

fn expect(answer: &Response, status: u16, code: &str) -> Result<(), String> {
    if answer.status != status {
        return Err(format!(
            "got {} {:?}, not {status}",
            answer.status,
            answer.code()
        ));
    }
    match status {
        200 => Ok(()),
        _ => check_problem(answer, code),
    }
}
