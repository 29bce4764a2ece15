use std::error::Error as _;

use nano_webhook_client::Auth;
use nano_webhook_test_kit::LogCapture;
use tracing_subscriber::filter::LevelFilter;

use crate::scripted::{Provider, Step, answer, data};
use crate::{KEY, SECRET, WEBHOOK, builder, client, key, wanted};

/// A provider that repeats what it was sent, in every part of its answers.
#[rustfmt::skip]
#[tokio::test]
async fn an_echo_does_not_reach_an_error() {
    let both = format!("Bearer {KEY}, {SECRET}.");
    let field = |name: &str| {
        let mut hook: serde_json::Value = serde_json::from_str(WEBHOOK).unwrap();
        match name {
            "" => {}
            "events" => hook[name] = vec![both.as_str()].into(),
            _ => hook[name] = both.as_str().into(),
        }
        hook.to_string()
    };
    for (step, name) in [
        (answer(400, "", format!(r#"{{"success":false,"message":"{both}"}}"#)), ""),
        (answer(500, "", format!("<html>{both}</html>")), ""),
        (answer(200, "", &both), ""),
        (data(&format!("\"{both}\"")), ""),
        (answer(302, &format!("location: https://b.example/?k={KEY}\r\n"), ""), ""),
        (Step::Send(format!("{both}\r\n\r\n").into_bytes()), ""),
        (Step::Send(format!("HTTP/1.1 200 OK\r\n{both}: x\r\n\r\n").into_bytes()), ""),
        (data(&field("id")), "id"),
        (data(&field("url")), "url"),
        (data(&field("events")), "events"),
        (data(&field("status")), "status"),
    ] {
        // The list shows what was created.
        let listed = data(&format!("[{}]", field(name)));
        let provider = Provider::start([data("[]"), step, listed, data("null")]).await;
        let client = client(provider.base_url());
        let error = client.ensure(&wanted()).await.unwrap_err();
        let request = &provider.requests()[1];
        assert!(request.header("authorization").unwrap().contains(KEY));
        assert!(request.body.contains(SECRET), "it was sent");
        let mut shown = format!("{error} {error:?} {error:#?}");
        let mut cause = error.source();
        while let Some(error) = cause {
            shown += &format!(" {error} {error:?}");
            cause = error.source();
        }
        assert!(!shown.contains(KEY) && !shown.contains(SECRET), "{shown}");
    }
}

#[tokio::test]
async fn debug_shows_neither() {
    let builder = builder("http://localhost".to_owned());
    let header = Auth::header("X-Api-Key", key());
    let mut shown = format!("{builder:?} {header:?} {:?}", wanted());
    let client = builder.build().unwrap();
    shown += &format!("{client:?} {client:#?}");
    assert!(!shown.contains(KEY) && !shown.contains(SECRET), "{shown}");
    assert!(shown.contains("X-Api-Key") && shown.contains("http://localhost"));
}

#[tokio::test]
async fn neither_is_logged() {
    let log = LogCapture::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE);
    let subscriber = subscriber.with_writer(log.clone()).finish();
    // The test's runtime has one thread, this one.
    let _guard = tracing::subscriber::set_default(subscriber);
    let echo = answer(429, "retry-after: 0\r\n", format!("{KEY} {SECRET}"));
    let provider = Provider::start([echo, data(WEBHOOK)]).await;
    client(provider.base_url()).create(&wanted()).await.unwrap();
    let log = log.text();
    assert!(
        log.contains("retrying") && log.contains("hyper_util"),
        "{log}"
    );
    assert!(!log.contains(KEY) && !log.contains(SECRET), "{log}");
}
