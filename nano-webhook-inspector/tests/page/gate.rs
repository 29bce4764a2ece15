use nano_webhook_inspector::{Inspector, Token, Verdict};
use nano_webhook_test_kit::SignedRequest;

use crate::support::{RECEIVER, Served};

/// Each answer, the rejections among them, carries all of these and no CORS header.
const ALWAYS: [(&str, &str); 5] = [
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    ),
];

#[tokio::test]
#[rustfmt::skip]
async fn only_the_page_gets_data() {
    let served = Served::start().await;
    let (port, token) = (served.addr.port(), &served.token);
    served.deliver(&SignedRequest::for_task("t"), Verdict::Accepted);
    let own = format!("Host: 127.0.0.1:{port}");
    let key = format!("Authorization: Bearer {token}");
    let json = "Content-Type: application/json\r\nContent-Length: 2";
    for (target, headers, expected) in [
        // The page itself needs no token.
        ("GET /", own.clone(), "200"),
        ("GET /style.css", own.clone(), "200"),
        ("GET /", format!("Host: localhost:{port}"), "200"),
        ("GET /", format!("Host: [::1]:{port}"), "200"),
        ("POST /", own.clone(), "405"),
        ("OPTIONS /", format!("{own}\r\nOrigin: http://evil.example\r\nAccess-Control-Request-Method: GET"), "403 foreign_origin"),
        // Data does.
        ("GET /api/deliveries/1", format!("{own}\r\n{key}"), "200"),
        ("GET /api/deliveries/1", own.clone(), "401 unauthorized"),
        ("GET /api/deliveries", own.clone(), "401 unauthorized"),
        ("GET /api/deliveries/1/body", own.clone(), "401 unauthorized"),
        ("GET /api/export?format=har", own.clone(), "401 unauthorized"),
        ("GET /anything", own.clone(), "401 unauthorized"),
        ("GET //api/deliveries/1", own.clone(), "401 unauthorized"),
        ("GET /api/deliveries/1", format!("{own}\r\nAuthorization: Bearer {}", "0".repeat(64)), "401 unauthorized"),
        ("GET /api/deliveries/1", format!("{own}\r\nAuthorization: Bearer"), "401 unauthorized"),
        ("GET /api/deliveries/1", format!("{own}\r\nAuthorization: Basic {token}"), "401 unauthorized"),
        ("GET /api/deliveries/1", format!("{own}\r\n{key}\r\n{key}"), "401 unauthorized"),
        ("GET /anything", format!("{own}\r\n{key}"), "404 not_found"),
        ("GET /api/deliveries/2", format!("{own}\r\n{key}"), "404 not_kept"),
        ("GET /../Cargo.toml", format!("{own}\r\n{key}"), "404 not_found"),
        // Another name for this machine, with the token or without.
        ("GET /", format!("Host: evil.example:{port}"), "403 foreign_host"),
        ("GET /api/deliveries/1", format!("Host: evil.example:{port}\r\n{key}"), "403 foreign_host"),
        ("GET /api/deliveries/1", format!("Host: localhost.evil.example:{port}\r\n{key}"), "403 foreign_host"),
        ("GET /api/deliveries/1", format!("Host: 192.168.0.1:{port}\r\n{key}"), "403 foreign_host"),
        ("GET /api/deliveries/1", format!("Host: a@127.0.0.1:{port}\r\n{key}"), "403 foreign_host"),
        ("GET /api/deliveries/1", format!("Host: 127.0.0.1\r\n{key}"), "403 foreign_host"),
        ("GET /api/deliveries/1", format!("{own}\r\n{own}\r\n{key}"), "403 foreign_host"),
        ("GET /api/deliveries/1", key.clone(), "403 foreign_host"),
        ("GET http://evil.example/api/deliveries/1", format!("{own}\r\n{key}"), "403 foreign_host"),
        // Another page in the same browser.
        ("GET /api/deliveries/1", format!("{own}\r\n{key}\r\nOrigin: http://127.0.0.1:{port}"), "200"),
        ("GET /api/deliveries/1", format!("{own}\r\n{key}\r\nOrigin: http://evil.example"), "403 foreign_origin"),
        ("GET /api/deliveries/1", format!("{own}\r\n{key}\r\nOrigin: http://localhost:{port}"), "403 foreign_origin"),
        ("GET /api/deliveries/1", format!("{own}\r\n{key}\r\nOrigin: https://127.0.0.1:{port}"), "403 foreign_origin"),
        ("GET /api/deliveries/1", format!("{own}\r\n{key}\r\nOrigin: null"), "403 foreign_origin"),
        // A form cannot send JSON.
        ("POST /api/send", format!("{own}\r\n{key}\r\n{json}"), "404 not_available"),
        ("POST /api/trigger", format!("{own}\r\n{key}\r\n{json}"), "404 not_available"),
        ("POST /api/send", format!("{own}\r\n{key}\r\nContent-Length: 2"), "415 unsupported_media_type"),
        ("POST /api/send", format!("{own}\r\n{key}\r\nContent-Type: text/plain\r\nContent-Length: 2"), "415 unsupported_media_type"),
        ("GET /api/send", format!("{own}\r\n{key}"), "405"),
        ("DELETE /api/deliveries/1", format!("{own}\r\n{key}"), "405"),
    ] {
        let body = if target.starts_with("POST") { "{}" } else { "" };
        let request = format!("{target} HTTP/1.1\r\n{headers}\r\n\r\n{body}");
        let answer = served.raw(&request).await;
        assert_eq!(answer.summary(), expected, "{request}");
        for (name, value) in ALWAYS {
            assert_eq!(answer.all(name).collect::<Vec<_>>(), [value], "{request}");
        }
        let cors = answer.headers.iter().find(|(name, _)| name.starts_with("access-control"));
        assert_eq!(cors, None, "{request}");
    }
}

/// A body is never shown by a browser that opens it.
#[tokio::test]
async fn a_body_is_a_file() {
    let served = Served::start().await;
    let mut request = SignedRequest::for_task("t");
    request.body = b"<script>alert(1)</script>\xff".to_vec();
    served.deliver(&request, Verdict::Rejected);
    let answer = served.get("/api/deliveries/1/body").await;
    assert_eq!(answer.body, request.body);
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment; filename=\"0001.body\""),
        ("content-security-policy", "sandbox"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
}

#[tokio::test]
async fn other_machines_are_kept_out() {
    let inspector = Inspector::builder(RECEIVER).build().unwrap();
    let addr = "0.0.0.0:0".parse().unwrap();
    let token = || Token::random().unwrap();
    let refused = inspector.listen(addr, token()).await.unwrap_err();
    let why = "not an address of this machine only";
    assert!(refused.to_string().contains(why), "{refused}");
    assert!(inspector.listen_anywhere(addr, token()).await.is_ok());
}
