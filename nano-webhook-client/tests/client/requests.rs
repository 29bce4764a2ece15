//! What is sent.

use nano_webhook_client::{Auth, Client, EventType, NewWebhook, Secret, WebhookId};

use crate::scripted::{Provider, Request, answer, data};
use crate::{KEY, SECRET, URL, WEBHOOK, client, key, wanted};

fn only(provider: &Provider) -> Request {
    let [request] = &provider.requests()[..] else {
        panic!("{:?}", provider.calls());
    };
    request.clone()
}

#[tokio::test]
async fn list() {
    let provider = Provider::start([data(&format!("[{WEBHOOK}]"))]).await;
    let webhooks = client(provider.base_url()).list().await.unwrap().webhooks;
    let [webhook] = &webhooks[..] else {
        panic!("{webhooks:?}");
    };
    assert_eq!(webhook.id, WebhookId::from(1));
    assert_eq!(webhook.events, EventType::DOCUMENTED);
    assert!(webhook.is_active());
    assert_eq!(serde_json::to_string(webhook).unwrap(), WEBHOOK);

    let request = only(&provider);
    assert_eq!(request.call(), "GET /api/v1/webhooks");
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("content-type"), None);
    let agent = request.header("user-agent").unwrap();
    assert!(agent.starts_with("nano-webhook-client/"));
    assert_eq!(request.body, "");
}

#[rustfmt::skip]
#[tokio::test]
async fn create() {
    let odd = Secret::new("\"ü\n\u{1}").unwrap();
    let both = ["job.completed", "job.failed"];
    for (webhook, body) in [
        (wanted(), format!(r#"{{"url":"{URL}","events":["job.completed","job.failed"],"secret_key":"{SECRET}"}}"#)),
        (NewWebhook::without_secret("http://[::1]/\"", both), r#"{"url":"http://[::1]/\"","events":["job.completed","job.failed"]}"#.to_owned()),
        (NewWebhook::new("x", [EventType::JOB_FAILED], odd), r#"{"url":"x","events":["job.failed"],"secret_key":"\"ü\n\u0001"}"#.to_owned()),
    ] {
        let provider = Provider::start([data(WEBHOOK)]).await;
        let created = client(provider.base_url()).create(&webhook).await.unwrap();
        assert_eq!(created.id, WebhookId::from(1));
        let request = only(&provider);
        assert_eq!(request.call(), "POST /api/v1/webhooks");
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.body, body);
    }
}

#[tokio::test]
async fn delete() {
    for (id, step) in [
        ("1", data(r#"{"id":1}"#)),
        ("1", data(r#"{"id":"1"}"#)),
        ("1", data("{}")),
        ("1", data("null")),
        ("1", answer(200, "", r#"{"success":true}"#)),
        ("1", answer(200, "", "")),
        ("1", answer(204, "", "")),
        ("wh_1.a-B~", data(r#"{"id":"wh_1.a-B~"}"#)),
    ] {
        let provider = Provider::start([step]).await;
        let webhook: WebhookId = id.parse().unwrap();
        client(provider.base_url()).delete(webhook).await.unwrap();
        let call = format!("DELETE /api/v1/webhooks/{id}");
        assert_eq!(only(&provider).call(), call);
    }
}

#[rustfmt::skip]
#[tokio::test]
async fn authentication() {
    let basic = Secret::new("Basic YTpi").unwrap();
    for (auth, headers) in [
        (Auth::bearer(key()), [Some("Bearer api-key-of-these-tests"), None]),
        (Auth::header("X-Api-Key", key()), [None, Some(KEY)]),
        (Auth::header("Authorization", basic), [Some("Basic YTpi"), None]),
        (Auth::none(), [None, None]),
    ] {
        let provider = Provider::start([data("[]")]).await;
        let client = Client::new(provider.base_url(), auth).unwrap();
        client.list().await.unwrap();
        let request = only(&provider);
        let found = ["authorization", "x-api-key"].map(|name| request.header(name));
        assert_eq!(found, headers);
    }
}

#[test]
fn ids() {
    for (text, number) in [
        ("0", Some(0)),
        ("18446744073709551615", Some(u64::MAX)),
        ("18446744073709551616", None),
        ("007", None),
        ("wh_1", None),
        ("...", None),
    ] {
        let id: WebhookId = text.parse().unwrap();
        assert_eq!((id.as_u64(), id.to_string().as_str()), (number, text));
        let json = number.map_or(format!("\"{text}\""), |number| number.to_string());
        assert_eq!(serde_json::to_string(&id).unwrap(), json);
    }
    let long = "x".repeat(129);
    let odd = [
        "", ".", "..", "a/b", "a b", "a?b", "a#b", "%2e", "+7", "ü", "a\n",
    ];
    for text in odd.iter().chain([&&*long]) {
        assert!(text.parse::<WebhookId>().is_err(), "{text}");
    }
}
