use std::time::Duration;

use nano_webhook_client::{Auth, BuildError, Client, Secret};

use crate::builder;

#[rustfmt::skip]
#[test]
fn mistakes() {
    let fine = || builder("http://localhost".to_owned());
    let auth = |auth| Client::builder("http://localhost", auth);
    let secret = |text: &str| Secret::new(text).unwrap();
    for (builder, expected) in [
        (builder("a.com".to_owned()), "the base URL is not an absolute URL"),
        (builder("https://a.com/api/v1".to_owned()), "ends with the path of the API"),
        (builder("http://a.com".to_owned()), "plain http to a.com"),
        (auth(Auth::bearer(secret("hunter2\n"))), "newline at its end"),
        (auth(Auth::header("X-Key", secret("hunter2\r"))), "newline at its end"),
        (auth(Auth::header("X Key", secret("hunter2"))), "\"X Key\" is not the name"),
        (fine().timeout(Duration::ZERO), "timeout must not be zero"),
        (fine().connect_timeout(Duration::ZERO), "connect_timeout must not be zero"),
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
fn base_urls() {
    for (base_url, tls) in [
        ("http://localhost:1", false),
        ("http://[::1]/", false),
        ("https://a.com", true),
        ("https://a.com:8443/prefix/", true),
    ] {
        match builder(base_url.to_owned()).build() {
            Ok(client) => assert_eq!(client.base_url(), base_url.trim_end_matches('/')),
            Err(error) => {
                assert!(tls && !cfg!(feature = "tls"), "{error}");
                assert!(matches!(error, BuildError::TlsDisabled));
                assert!(error.to_string().contains("enable its feature `tls`"));
            }
        }
    }
    let plain = builder("http://a.com".to_owned()).allow_plain_http();
    plain.build().unwrap();
}
