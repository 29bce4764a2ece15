//! Answers that are wrong.

use std::time::Duration;

use nano_webhook_client::{Error, RetryPolicy};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket};

use crate::scripted::{Provider, Step, answer, data};
use crate::{builder, client, wanted};

/// The kind and the status, as `Refused 401`.
fn kind_and_status(error: &Error) -> String {
    match error.status() {
        Some(status) => format!("{:?} {status}", error.kind()),
        None => format!("{:?}", error.kind()),
    }
}

fn cut_off(head: &str, body: &str) -> Step {
    Step::Send(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}").into_bytes())
}

#[rustfmt::skip]
#[tokio::test]
async fn wrong_answers() {
    let page = "<html><title>502</title>\n<body>Bad   Gateway</body></html>";
    let huge = "x".repeat(100_001);
    let chunked = format!("{:x}\r\n{huge}\r\n0\r\n\r\n", huge.len());
    let no = r#"{"success":false,"message":"Unauthorized"}"#;
    for (step, expected, text) in [
        (answer(401, "", no), "Refused 401", "refused"),
        (answer(200, "", no), "Refused 200", "refused"),
        (answer(404, "", "not here"), "Refused 404", "refused"),
        (answer(500, "", ""), "Refused 500", "refused"),
        (answer(500, "", b"\xff\xfe\x1b[31m"), "Refused 500", "refused"),
        (answer(200, "", page), "Unexpected 200", "it is not JSON"),
        (answer(200, "", r#"{"success":true,"#), "Unexpected 200", "it is not JSON"),
        (data(&"[".repeat(10_000)), "Unexpected 200", "it is not JSON"),
        (answer(200, "", ""), "Unexpected 200", "it is empty"),
        (answer(204, "", ""), "Unexpected 204", "it is empty"),
        (answer(200, "", "[]"), "Unexpected 200", "not a JSON object"),
        (answer(200, "", r#"{"data":[]}"#), "Unexpected 200", "`success` is neither"),
        (answer(200, "", r#"{"success":"true"}"#), "Unexpected 200", "`success` is neither"),
        (answer(200, "", r#"{"success":true}"#), "Unexpected 200", "`data` is not a list"),
        (data("{}"), "Unexpected 200", "`data` is not a list"),
        (answer(302, "location: https://b.example/\r\n", ""), "Redirected 302", "base URL"),
        (answer(307, "", page), "Redirected 307", "base URL"),
        (answer(200, "", &huge), "TooLarge 200", "the limit is 100000 bytes"),
        (answer(500, "", &huge), "TooLarge 500", "too large"),
        (cut_off("transfer-encoding: chunked", &chunked), "TooLarge 200", "too large"),
        (cut_off("connection: close", &huge), "TooLarge 200", "too large"),
        (cut_off("content-length: 9223372036854775807", "x"), "TooLarge 200", "too large"),
        (cut_off("content-length: 18446744073709551616", "x"), "Interrupted", "closed"),
        (cut_off("content-length: 100", "{"), "Interrupted", "closed"),
        (cut_off("transfer-encoding: chunked", "10\r\n{"), "Interrupted", "closed"),
        (Step::Send(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()), "Interrupted", "closed"),
        (Step::Send(Vec::new()), "Interrupted", "closed"),
        (Step::Reset, "Interrupted", "closed"),
    ] {
        let provider = Provider::start([step]).await;
        let once = RetryPolicy::default().max_attempts(1);
        let builder = builder(provider.base_url()).retry(once);
        let client = builder.answer_limit(100_000).build().unwrap();
        let error = client.list().await.unwrap_err();
        assert_eq!(kind_and_status(&error), expected, "{error}");
        let shown = error.to_string();
        assert!(shown.starts_with("could not list the webhooks: "), "{error}");
        assert!(shown.contains(text), "{error}");
        assert!(!error.may_have_taken_effect(), "a list changes nothing");
        let has_source = std::error::Error::source(&error).is_some();
        assert_eq!(has_source, expected == "Interrupted");
    }
}

#[tokio::test]
async fn the_limit_is_inclusive() {
    let body = r#"{"success":true,"data":[]}"#;
    for (limit, fits) in [(body.len(), true), (body.len() - 1, false)] {
        let provider = Provider::start([data("[]")]).await;
        let client = builder(provider.base_url()).answer_limit(limit).build();
        assert_eq!(client.unwrap().list().await.is_ok(), fits);
    }
}

#[rustfmt::skip]
#[tokio::test]
async fn what_a_failed_create_may_have_left() {
    let no = r#"{"success":false}"#;
    for (step, expected, effect, created) in [
        (answer(400, "", ""), "Refused 400", false, None),
        (answer(200, "", no), "Refused 200", false, None),
        (answer(302, "", ""), "Redirected 302", false, None),
        (answer(200, "", "<html>"), "Unexpected 200", true, None),
        (data("{}"), "Unexpected 200", true, None),
        (data(r#"{"id":7}"#), "Unexpected 200", true, Some("7")),
        (answer(200, "", "x".repeat(1001)), "TooLarge 200", true, None),
    ] {
        let provider = Provider::start([step]).await;
        let builder = builder(provider.base_url()).answer_limit(1000);
        let error = builder.build().unwrap().create(&wanted()).await.unwrap_err();
        assert_eq!(kind_and_status(&error), expected);
        assert_eq!(error.may_have_taken_effect(), effect, "{error}");
        assert_eq!(error.created().map(ToString::to_string).as_deref(), created);
        assert_eq!(provider.calls().len(), 1, "it is not retried");
    }
    let provider = Provider::start([data(r#"{"id":2}"#)]).await;
    let error = client(provider.base_url()).delete(1).await.unwrap_err();
    assert!(error.to_string().contains("it names another webhook"), "{error}");
}

#[tokio::test]
async fn unreachable_providers() {
    // Bound, so that no other process gets this port, but not listening.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let deaf = format!("http://{}", socket.local_addr().unwrap());
    // Answers a TLS greeting with something else, or not at all.
    let not_tls = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let https = |listener: &TcpListener| format!("https://{}", listener.local_addr().unwrap());
    let urls = [deaf, https(&not_tls), https(&mute)];
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = not_tls.accept().await {
            let refusal = b"HTTP/1.1 400 Bad Request\r\n\r\n";
            stream.write_all(refusal).await.unwrap();
            // Until the client hangs up: a reset could overtake the answer.
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    });
    for (base_url, timeout) in urls.into_iter().zip([60_000, 60_000, 50]) {
        if base_url.starts_with("https") && !cfg!(feature = "tls") {
            continue;
        }
        let builder = builder(base_url).connect_timeout(Duration::from_millis(timeout));
        let client = builder.build().unwrap();
        let error = client.create(&wanted()).await.unwrap_err();
        assert_eq!(kind_and_status(&error), "Unreachable", "{error:?}");
        assert!(!error.may_have_taken_effect());
        assert_eq!(error.attempts(), 4, "nothing was sent, so it is retried");
    }
}
