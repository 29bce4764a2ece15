//! Lists in pages, and entries that cannot be read.

use nano_webhook_client::ErrorKind;

use crate::scripted::{Provider, Step, answer, data};
use crate::{URL, WEBHOOK, client, wanted};

const NEXT: &str = r#""next":"/api/v1/webhooks?page=2""#;

fn page(headers: &str, data: &str, fields: &str) -> Step {
    let comma = if fields.is_empty() { "" } else { "," };
    let body = format!(r#"{{"success":true,"data":{data}{comma}{fields}}}"#);
    answer(200, headers, body)
}

#[rustfmt::skip]
#[tokio::test]
async fn pages_that_can_be_followed() {
    let link = "link: <https://a.example/docs>; rel=\"help\", </api/v1/webhooks?page=2>; rel=\"next last\"\r\n";
    for (headers, fields) in [
        ("", NEXT.to_owned()),
        ("", r#""next_page_url":"?page=2","has_more":true"#.to_owned()),
        ("", r#""links":{"next":"?page=2","prev":null},"total":2"#.to_owned()),
        ("", r#""meta":{"next":"?page=2","total_pages":2}"#.to_owned()),
        (link, String::new()),
        (link, r#""next_page":2"#.to_owned()),
    ] {
        let second = WEBHOOK.replace("\"id\":1", "\"id\":2");
        // The first entry has moved to the second page.
        let last = r#""next":null,"has_more":false,"total":2"#;
        let first = page(headers, &format!("[{WEBHOOK}]"), &fields);
        let second = page("", &format!("[{WEBHOOK},{second}]"), last);
        let provider = Provider::start([first, second]).await;
        let list = client(provider.base_url()).list().await.unwrap();
        assert_eq!(list.webhooks.len(), 2, "{headers} {fields}");
        assert_eq!(provider.calls()[1], "GET /api/v1/webhooks?page=2");
    }
}

#[tokio::test]
async fn lists_that_are_not_complete() {
    for (headers, fields) in [
        ("", r#""has_more":true"#),
        ("", r#""hasNextPage":true"#),
        ("", r#""next":"abc""#),
        ("", r#""next_cursor":"abc""#),
        ("", r#""nextPageToken":"abc""#),
        ("", r#""next_page":2"#),
        ("", r#""next":{"href":"/api/v1/webhooks?page=2"}"#),
        ("", r#""next":"https://b.example/api/v1/webhooks?page=2""#),
        ("", r#""next":"/other?page=2""#),
        ("", r#""next":"//b.example/api/v1/webhooks?page=2""#),
        ("", r#""next":"http://a@b.example/api/v1/webhooks?page=2""#),
        ("", r#""next":"/api/v1/webhooks?page=1","loops":true"#),
        ("", r#""total":2"#),
        ("", r#""pagination":{"total_count":2}"#),
        ("", r#""meta":{"page":1,"total_pages":2}"#),
        ("", r#""paging":{"truncated":true}"#),
        ("link: <https://b.example/?page=2>; rel=next\r\n", ""),
        ("x-total-count: 2\r\n", ""),
        ("x-next-page: 2\r\n", ""),
    ] {
        for entries in ["[]", &format!("[{WEBHOOK}]")] {
            let provider = Provider::start([page(headers, entries, fields)]).await;
            let client = client(provider.base_url());
            let error = client.ensure(&wanted()).await.unwrap_err();
            let kind = error.kind();
            assert_eq!(kind, ErrorKind::IncompleteList, "{headers} {fields}");
            let calls = provider.calls();
            let only_read = calls.iter().all(|call| call.starts_with("GET"));
            assert!(only_read, "{calls:?}");
        }
    }
    let provider = Provider::start([answer(206, "", r#"{"success":true,"data":[]}"#)]).await;
    let error = client(provider.base_url()).list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IncompleteList);
}

#[tokio::test]
async fn fields_that_promise_nothing() {
    let fields = r#""has_more":false,"next":null,"next_cursor":"","total":1,"count":1,"page":1,
        "meta":{"total_pages":1,"next":"","limit":100,"nested":{"next":"x"}},"request_id":"next""#;
    let headers = "x-request-id: 7\r\nx-nextjs-cache: HIT\r\n";
    let provider = Provider::start([page(headers, &format!("[{WEBHOOK}]"), fields)]).await;
    let list = client(provider.base_url()).list().await.unwrap();
    assert_eq!((list.webhooks.len(), provider.calls().len()), (1, 1));
}

#[rustfmt::skip]
#[tokio::test]
async fn odd_entries() {
    for (entry, problem) in [
        (r#"{"id":2,"url":"x","events":null,"status":"active"}"#, "`events`"),
        (r#"{"id":2,"url":"x","events":[1],"status":"active"}"#, "`events`"),
        (r#"{"id":2,"url":"x","events":[]}"#, "`status`"),
        (r#"{"id":1.5,"url":"x","events":[],"status":"active"}"#, "`id`"),
        (r#"{"id":-1,"url":"x","events":[],"status":"active"}"#, "`id`"),
        (r#"{"id":"../1","url":"x","events":[],"status":"active"}"#, "`id`"),
        (r#"{"id":2,"events":[],"status":"active"}"#, "`url`"),
        ("null", "`id`"),
    ] {
        let provider = Provider::start([data(&format!("[{entry},{WEBHOOK}]"))]).await;
        let client = client(provider.base_url());
        let list = client.list().await.unwrap();
        assert_eq!((list.webhooks.len(), list.unreadable.len()), (1, 1));
        assert_eq!(list.unreadable[0].position, 1);
        assert!(list.unreadable[0].problem.starts_with(problem), "{entry}");
        client.ensure(&wanted()).await.unwrap();

        if problem != "`url`" && entry != "null" {
            let own = entry.replace("\"x\"", &format!("\"{URL}\""));
            let provider = Provider::start([data(&format!("[{WEBHOOK},{own}]"))]).await;
            let client = crate::client(provider.base_url());
            let error = client.ensure(&wanted()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnreadableEntry);
            assert!(error.to_string().contains(&format!("entry 2: {problem}")), "{error}");
            assert_eq!(provider.calls().len(), 1, "nothing is changed");
        }
    }
    let tolerated = r#"[{"id":"wh_9","url":"","events":[],"status":"Active","more":{}}]"#;
    let provider = Provider::start([data(tolerated)]).await;
    let webhook = &client(provider.base_url()).list().await.unwrap().webhooks[0];
    assert_eq!((webhook.id.to_string().as_str(), webhook.id.as_u64()), ("wh_9", None));
    assert!(webhook.is_active() && webhook.status.as_str() == "Active");
}

#[rustfmt::skip]
#[tokio::test]
async fn urls_that_are_the_same() {
    for (one, other, same) in [
        ("https://a.com/hook", "https://a.com/hook", true),
        ("https://a.com", "https://a.com/", true),
        ("HTTPS://A.com:443/hook", "https://a.com/hook", true),
        ("http://[::1]:80/", "http://[::1]", true),
        ("https://a.com:80/hook", "https://a.com/hook", false),
        ("https://a.com/hook", "https://a.com/hook/", false),
        ("https://a.com/hook", "https://a.com/Hook", false),
        ("https://a.com/hook?a=1", "https://a.com/hook", false),
        ("https://a.com/hook#a", "https://a.com/hook", false),
        ("https://u@a.com/hook", "https://a.com/hook", false),
        ("https://a.com/hook", "http://a.com/hook", false),
        ("https://a.com:8443/hook", "https://a.com/hook", false),
        ("not a url", "not a url", true),
        ("not a url", "not a Url", false),
    ] {
        let provider = Provider::start([data(&format!("[{}]", WEBHOOK.replace(URL, one)))]).await;
        let found = client(provider.base_url()).active_at(other).await.unwrap();
        assert_eq!(found.len(), usize::from(same), "{one} {other}");
    }
}
