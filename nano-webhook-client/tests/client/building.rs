use std::time::Duration;

use nano_webhook_client::{Auth, BuildError, Client, Secret};

use crate::{builder, key};

#[test]
fn mistakes() {
    let fine = || builder("https://a.com".to_owned());
    let auth = |auth| Client::builder("https://a.com", auth);
    let secret = |text: &str| Secret::new(text).unwrap();
    for (builder, expected) in [
        (
            builder("a.com".to_owned()),
            "the base URL is not an absolute URL",
        ),
        (
            builder("https://a.com/api/v1".to_owned()),
            "ends with the path of the API",
        ),
        (builder("http://a.com".to_owned()), "plain http to a.com"),
        (
            auth(Auth::bearer(secret("hunter2\n"))),
            "newline at its end",
        ),
        (
            auth(Auth::header("X-Key", secret("hunter2\r"))),
            "newline at its end",
        ),
        (
            auth(Auth::header("X Key", secret("hunter2"))),
            "\"X Key\" is not the name",
        ),
        (fine().timeout(Duration::ZERO), "timeout must not be zero"),
        (
            fine().connect_timeout(Duration::ZERO),
            "connect_timeout must not be zero",
        ),
        (fine().answer_limit(0), "answer_limit must not be zero"),
    ] {
        let before = format!("{builder:?}");
        let error = builder.build().unwrap_err();
        let shown = format!("{error}");
        assert!(shown.contains(expected), "{shown}");
        assert!(!format!("{before} {shown} {error:?}").contains("hunter2"));
    }
}

#[test]
fn what_is_fine() {
    for base_url in [
        "https://a.com",
        "https://a.com/",
        "https://a.com:8443/prefix/",
        "http://localhost:1",
    ] {
        let client = builder(base_url.to_owned()).build().unwrap();
        assert_eq!(client.base_url(), base_url.trim_end_matches('/'));
    }
    builder("http://a.com".to_owned())
        .allow_plain_http()
        .build()
        .unwrap();
    let plain = builder("http://a.com".to_owned()).build().unwrap_err();
    assert!(matches!(plain, BuildError::PlainHttp { .. }));
}

/// A reqwest builder of the user's own is used, but not for what must hold.
#[tokio::test]
async fn a_builder_of_ones_own() {
    use crate::scripted::{Provider, answer, data};

    let target = Provider::start([data("[]")]).await;
    let location = format!("location: {}/\r\n", target.base_url());
    let provider = Provider::start([answer(302, &location, "")]).await;
    let http = nano_webhook_client::reqwest::Client::builder()
        .no_proxy()
        .redirect(nano_webhook_client::reqwest::redirect::Policy::limited(10));
    let client = Client::builder(provider.base_url(), Auth::bearer(key()));
    let error = client.http(http).build().unwrap().list().await.unwrap_err();
    assert_eq!(error.status(), Some(302));
    assert!(target.calls().is_empty());
}
