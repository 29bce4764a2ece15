use std::error::Error as _;

use nano_webhook_client::{Auth, Client, EventType, NewWebhook, Secret};

use crate::scripted::{Provider, Step, answer, data};
use crate::{builder, wanted};

const KEY: &str = "api<key>'of\\these\"tests";
const SECRET: &str = "whsec & \"these\" <tests>/é";

fn chain(error: &nano_webhook_client::Error) -> String {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        shown += &format!(" {error} {error:?}");
        cause = error.source();
    }
    shown
}

/// A provider that repeats what it was sent, in every part of every kind of
/// answer and in every escape.
#[tokio::test]
async fn an_echo_does_not_get_into_an_error() {
    let json = |text: &str| serde_json::to_string(text).unwrap();
    let ascii = |text: &str| -> String {
        let unit = |unit: u16| format!("\\u{unit:04x}");
        text.encode_utf16().map(unit).collect()
    };
    let slashed = |text: &str| json(text).replace('/', "\\/");
    let html = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&#39;")
    };
    let both = format!("Bearer {KEY}, {SECRET}.");
    let words = |escaped: String| format!(r#"{{"success":false,"message":{escaped}}}"#);
    let nested = |escaped: String| format!(r#"{{"success":false,"errors":[{escaped}]}}"#);
    let padded = format!("{}{both}", "x".repeat(280));
    for step in [
        answer(400, "", words(json(&both))),
        answer(400, "", words(slashed(&both))),
        answer(400, "", words(format!("\"{}\"", ascii(&both)))),
        answer(400, "", nested(json(&both))),
        answer(400, "", nested(slashed(&both))),
        answer(400, "", nested(format!("\"{}\"", ascii(&both)))),
        answer(400, "", nested(json(&json(&both)))),
        answer(400, "", &both),
        answer(400, "", &padded),
        answer(500, "", format!("<html><pre>{}</pre>", html(&both))),
        answer(200, "", &both),
        answer(200, "", format!("<html><pre>{}</pre>", html(&both))),
        answer(200, "", json(&both)),
        data(&json(&both)),
        data(&format!(r#"{{"id":{}}}"#, json(&both))),
        data(&format!(
            r#"{{"id":1,"url":"x","events":{},"status":"active"}}"#,
            json(&both)
        )),
        answer(
            302,
            "location: https://elsewhere.example/?k=api<key>'of\\these\"tests\r\n",
            "",
        ),
        Step::Send(format!("{both}\r\n\r\n").into_bytes()),
        Step::Send(format!("HTTP/1.1 200 OK\r\n{both}: x\r\n\r\n").into_bytes()),
        Step::Reset,
    ] {
        let provider = Provider::start([step.clone()]).await;
        let auth = Auth::bearer(Secret::new(KEY).unwrap());
        let client = Client::new(provider.base_url(), auth).unwrap();
        let webhook = NewWebhook::new(
            "http://a.com",
            EventType::DOCUMENTED,
            Secret::new(SECRET).unwrap(),
        );
        let error = client.create(&webhook).await.unwrap_err();
        let request = &provider.requests()[0];
        assert!(
            request.header("authorization").unwrap().contains(KEY),
            "it was sent"
        );
        assert!(request.body.contains(&json(SECRET)), "it was sent");
        let shown = chain(&error);
        for hidden in [
            "key>",
            "key&gt;",
            "of\\these",
            "whsec",
            "tests>",
            "tests&gt;",
        ] {
            assert!(!shown.contains(hidden), "{hidden} in {shown}");
        }
    }
}

#[tokio::test]
async fn debug_shows_neither() {
    let provider = Provider::start([data("[]")]).await;
    let builder = builder(provider.base_url());
    let header = Auth::header("X-Api-Key", Secret::new(crate::KEY).unwrap());
    let mut shown = format!("{builder:?} {header:?} {:?}", wanted());
    let client = builder.build().unwrap();
    shown += &format!("{client:?} {client:#?}");
    for hidden in [crate::KEY, crate::SECRET] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    assert!(shown.contains("X-Api-Key") && shown.contains(&provider.base_url()));
}
