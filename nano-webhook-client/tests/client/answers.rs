//! Every way in which an answer can be wrong.

use std::time::Duration;

use nano_webhook_client::{Error, ErrorKind, RetryPolicy};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket};

use crate::scripted::{Provider, Step, answer, data};
use crate::{builder, client, wanted};

/// An error in few words.
fn told(error: &Error) -> String {
    match error.kind() {
        ErrorKind::Unreachable { .. } => "unreachable".to_owned(),
        ErrorKind::Interrupted { .. } => "interrupted".to_owned(),
        ErrorKind::TimedOut { .. } => "timed out".to_owned(),
        ErrorKind::Refused {
            status,
            message,
            snippet,
            ..
        } => format!("refused {status} {message:?} {snippet:?}"),
        ErrorKind::Redirected { status, location } => format!("redirected {status} {location:?}"),
        ErrorKind::Unexpected {
            status, problem, ..
        } => format!("unexpected {status} {problem}"),
        ErrorKind::TooLarge { status, .. } => format!("too large {status}"),
        other => panic!("{other:?}"),
    }
}

fn cut_off(head: &str, body: &str) -> Step {
    Step::Send(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}").into_bytes())
}

#[tokio::test]
async fn wrong_answers() {
    let page = "<html>\n<head><title>502</title></head>\n<body>Bad   Gateway</body></html>";
    let huge = "x".repeat(100_001);
    let chunked = format!("{:x}\r\n{huge}\r\n0\r\n\r\n", huge.len());
    for (step, expected) in [
        // The provider's own words, in each of their forms.
        (
            answer(401, "", r#"{"success":false,"message":"Unauthorized"}"#),
            r#"refused 401 Some("Unauthorized") None"#,
        ),
        (
            answer(403, "", r#"{"success":false,"error":"forbidden"}"#),
            r#"refused 403 Some("forbidden") None"#,
        ),
        (
            answer(
                422,
                "",
                r#"{"success":false,"error":{"code":"u","message":"bad\n url"}}"#,
            ),
            r#"refused 422 Some("bad url") None"#,
        ),
        (
            answer(
                422,
                "",
                r#"{"error":{"message":"second"},"message":"first"}"#,
            ),
            r#"refused 422 Some("first") None"#,
        ),
        (
            answer(422, "", r#"{"message":" ","error":{"message":"second"}}"#),
            r#"refused 422 Some("second") None"#,
        ),
        (
            answer(200, "", r#"{"success":false,"message":"in maintenance"}"#),
            r#"refused 200 Some("in maintenance") None"#,
        ),
        // No words of its own.
        (
            answer(400, "", r#"{ "success": false, "errors": ["\u0061"] }"#),
            r#"refused 400 None Some("{\"errors\":[\"a\"],\"success\":false}")"#,
        ),
        (
            answer(200, "", r#"{"success":false}"#),
            r#"refused 200 None Some("{\"success\":false}")"#,
        ),
        (
            answer(404, "", "not here"),
            r#"refused 404 None Some("not here")"#,
        ),
        (
            answer(405, "", "\"text\""),
            r#"refused 405 None Some("\"text\"")"#,
        ),
        (answer(500, "", ""), "refused 500 None None"),
        (
            answer(500, "content-type: text/html\r\n", page),
            r#"refused 500 None Some("<html> <head><title>502</title></head> <body>Bad Gateway</body></html>")"#,
        ),
        (
            answer(500, "", b"\xff\xfe\x1b[31m"),
            "refused 500 None Some(\"\u{fffd}\u{fffd} [31m\")",
        ),
        // A success that is none.
        (
            answer(200, "content-type: text/html\r\n", page),
            "unexpected 200 it is not JSON: expected value at line 1 column 1",
        ),
        (
            answer(200, "", r#"{"success":true,"data":[{"id":1,"url":"#),
            "unexpected 200 it is not JSON: EOF while parsing a value at line 1 column 38",
        ),
        (answer(200, "", ""), "unexpected 200 it is empty"),
        (answer(204, "", ""), "unexpected 204 it is empty"),
        (
            answer(200, "", r#"{"success":true}"#),
            "unexpected 200 `data` is missing",
        ),
        (
            answer(200, "", r#"{"data":[]}"#),
            "unexpected 200 there is no `success` that is true or false",
        ),
        (
            answer(200, "", r#"{"success":"true","data":[]}"#),
            "unexpected 200 there is no `success` that is true or false",
        ),
        (
            answer(200, "", "[]"),
            "unexpected 200 there is no `success` that is true or false",
        ),
        (
            answer(200, "", "null"),
            "unexpected 200 there is no `success` that is true or false",
        ),
        (
            data("{}"),
            "unexpected 200 in `data`: invalid type: map, expected a sequence",
        ),
        (
            data("null"),
            "unexpected 200 in `data`: invalid type: null, expected a sequence",
        ),
        (data("[{}]"), "unexpected 200 in `data`: missing field `id`"),
        (
            data(r#"[{"id":1,"url":"x","events":[]}]"#),
            "unexpected 200 in `data`: missing field `status`",
        ),
        (
            data(r#"[{"id":"../1"}]"#),
            "unexpected 200 in `data`: the id of a webhook is a number, or 1 to 128 letters, digits and -._~",
        ),
        (
            data(&"[".repeat(10_000)),
            "unexpected 200 it is not JSON: recursion limit exceeded at line 1 column 150",
        ),
        // Elsewhere.
        (
            answer(302, "location: https://elsewhere.example/login\r\n", ""),
            r#"redirected 302 Some("https://elsewhere.example/login")"#,
        ),
        (
            answer(307, "location: /x\r\n", page),
            r#"redirected 307 Some("/x")"#,
        ),
        (answer(308, "", ""), "redirected 308 None"),
        // Too much.
        (answer(200, "", &huge), "too large 200"),
        (answer(500, "", &huge), "too large 500"),
        (
            cut_off("transfer-encoding: chunked", &chunked),
            "too large 200",
        ),
        (cut_off("connection: close", &huge), "too large 200"),
        (
            cut_off("content-length: 9223372036854775807", "x"),
            "too large 200",
        ),
        (
            cut_off("content-length: 18446744073709551616", "x"),
            "interrupted",
        ),
        // Broken off.
        (
            cut_off("content-length: 100", r#"{"success":true"#),
            "interrupted",
        ),
        (
            cut_off("transfer-encoding: chunked", "10\r\n{"),
            "interrupted",
        ),
        (Step::Send(b"HTTP/1.1 200".to_vec()), "interrupted"),
        (
            Step::Send(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()),
            "interrupted",
        ),
        (Step::Send(Vec::new()), "interrupted"),
        (Step::Reset, "interrupted"),
    ] {
        let provider = Provider::start([step.clone()]).await;
        let client = builder(provider.base_url())
            .retry(RetryPolicy::never())
            .answer_limit(100_000)
            .build()
            .unwrap();
        let error = client.list().await.unwrap_err();
        assert_eq!(told(&error), expected, "{error}");
        assert_eq!(error.attempts(), 1);
        assert!(!error.may_have_taken_effect(), "a list changes nothing");
        assert!(
            error
                .to_string()
                .starts_with("could not list the webhooks: ")
        );
        let has_source = matches!(told(&error).as_str(), "interrupted");
        assert_eq!(std::error::Error::source(&error).is_some(), has_source);
    }
}

/// Right up to the limit is not beyond it.
#[tokio::test]
async fn the_limit_is_inclusive() {
    let body = r#"{"success":true,"data":[]}"#;
    for (limit, fits) in [(body.len(), true), (body.len() - 1, false)] {
        let provider = Provider::start([data("[]")]).await;
        let client = builder(provider.base_url())
            .answer_limit(limit)
            .build()
            .unwrap();
        assert_eq!(client.list().await.is_ok(), fits);
    }
}

/// Whether a failed `create` may have been one.
#[tokio::test]
async fn what_may_have_taken_effect() {
    for (step, expected, effect) in [
        (answer(400, "", ""), "refused 400 None None", false),
        (answer(401, "", ""), "refused 401 None None", false),
        (answer(409, "", ""), "refused 409 None None", false),
        (answer(500, "", ""), "refused 500 None None", true),
        (answer(503, "", ""), "refused 503 None None", true),
        (
            answer(200, "", r#"{"success":false,"message":"no"}"#),
            r#"refused 200 Some("no") None"#,
            false,
        ),
        (answer(302, "", ""), "redirected 302 None", false),
        (
            answer(200, "", "<html>"),
            "unexpected 200 it is not JSON: expected value at line 1 column 1",
            true,
        ),
        (
            data("{}"),
            "unexpected 200 in `data`: missing field `id`",
            true,
        ),
        (Step::Reset, "interrupted", true),
        (answer(200, "", "x".repeat(1001)), "too large 200", true),
    ] {
        let provider = Provider::start([step]).await;
        let client = builder(provider.base_url())
            .answer_limit(1000)
            .build()
            .unwrap();
        let error = client.create(&wanted()).await.unwrap_err();
        assert_eq!(told(&error), expected);
        assert_eq!(error.may_have_taken_effect(), effect, "{error}");
        assert_eq!(provider.calls().len(), 1, "it is not repeated");
    }
}

#[tokio::test]
async fn a_deletion_of_another_webhook() {
    let provider = Provider::start([data(r#"{"id":2}"#)]).await;
    let error = client(provider.base_url()).delete(1).await.unwrap_err();
    assert_eq!(told(&error), "unexpected 200 it speaks of webhook 2");
}

#[tokio::test]
async fn slow_providers() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec();
    for step in [
        Step::Stall(Vec::new()),
        Step::Stall(b"HTTP/1.1".to_vec()),
        Step::Stall(half),
    ] {
        let provider = Provider::start([step]).await;
        let client = builder(provider.base_url())
            .timeout(Duration::from_millis(200))
            .retry(RetryPolicy::never())
            .build()
            .unwrap();
        let error = client.create(&wanted()).await.unwrap_err();
        assert_eq!(told(&error), "timed out");
        assert!(error.may_have_taken_effect());
        assert!(error.to_string().contains("200ms"), "{error}");
    }
}

#[tokio::test]
async fn unreachable_providers() {
    // Bound, so that nobody else gets this port; but nobody listens.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let deaf = socket.local_addr().unwrap();
    // Answers a TLS greeting with something else.
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let not_tls = plain.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .await
                .unwrap();
            // Until the client hangs up: a reset could overtake the answer.
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    });
    for base_url in [format!("http://{deaf}"), format!("https://{not_tls}")] {
        let error = client(base_url).create(&wanted()).await.unwrap_err();
        assert_eq!(told(&error), "unreachable", "{error:?}");
        assert!(!error.may_have_taken_effect());
        assert_eq!(error.attempts(), 4, "nothing was sent, so it is repeated");
        assert!(std::error::Error::source(&error).is_some());
    }
}
