use std::time::Duration;

use nano_webhook_client::{Auth, Client, ErrorKind, Secret};

use crate::builder;

#[rustfmt::skip]
#[test]
fn mistakes() {
    let url = |url: &str| builder(url.to_owned());
    let fine = || url("http://localhost");
    let auth = |auth| Client::builder("http://localhost", auth);
    let secret = |text: &str| Secret::new(text).unwrap();
    for (builder, expected) in [
        (url("a.com"), "the base URL is not an absolute URL"),
        (url("ftp://a.com"), "neither http nor https"),
        (url("https://user:hunter2@a.com"), "has a user name or a password"),
        (url("https://a.com?key=hunter2"), "has a query or a fragment"),
        (url("https://a.com/#hunter2"), "has a query or a fragment"),
        (url("https://a.com/api/v1"), "ends with the path of the API"),
        (url("https://a.com/api/v1/webhooks/"), "ends with the path of the API"),
        (url("http://a.com"), "plain http to a.com"),
        (url("http://localhost.a.com"), "plain http to localhost.a.com"),
        (url("http://0.0.0.0"), "plain http to 0.0.0.0"),
        (url("http://10.0.0.1"), "plain http to 10.0.0.1"),
        (auth(Auth::bearer(secret("hunter2\n"))), "newline at its end"),
        (auth(Auth::header("X-Key", secret("hunter2\r"))), "newline at its end"),
        (auth(Auth::header("X Key", secret("hunter2"))), "\"X Key\" is not the name"),
        (fine().timeout(Duration::ZERO), "timeout must not be zero"),
        (fine().connect_timeout(Duration::ZERO), "connect_timeout must not be zero"),
        (fine().answer_limit(0), "answer_limit must not be zero"),
    ] {
        let before = format!("{builder:?}");
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!format!("{before} {error} {error:?}").contains("hunter2"));
    }
    url("http://a.com").allow_plain_http().build().unwrap();
}

#[test]
fn base_urls() {
    for (text, base_url) in [
        ("http://localhost:1", "http://localhost:1"),
        ("HTTP://LOCALHOST:81", "http://localhost:81"),
        ("http://api.localhost.", "http://api.localhost."),
        ("http://127.9.9.9/x//", "http://127.9.9.9/x"),
        ("http://[::1]/", "http://[::1]"),
        ("https://a.com:8443/prefix/", "https://a.com:8443/prefix"),
    ] {
        if base_url.starts_with("https") && !cfg!(feature = "tls") {
            let error = builder(text.to_owned()).build().unwrap_err();
            assert!(error.to_string().contains("enable its feature `tls`"));
            continue;
        }
        let client = builder(text.to_owned()).build().unwrap();
        assert_eq!(client.base_url(), base_url);
    }
}
