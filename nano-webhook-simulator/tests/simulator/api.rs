use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use nano_webhook_simulator::RunningSimulator;

use crate::{KEY, key, settings, start};

async fn call(
    simulator: &RunningSimulator,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (u16, String) {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let uri = format!("{}{path}", simulator.base_url());
    let mut request = axum::http::Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.to_owned().into()).unwrap();
    let answer = client.request(request).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    let status = answer.status().as_u16();
    let body = answer.collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];
const WEBHOOKS: &str = "/api/v1/webhooks";
const JOBS: &str = "/simulator/jobs";

/// The requests and answers of the provider's page, byte by byte except for white
/// space. No id is used twice, and a repeated event is kept once.
#[tokio::test]
async fn the_documented_calls() {
    let simulator = start(settings()).await;
    let one = r#"{"id":1,"url":"https://your-server.com/webhook","events":["job.completed","job.failed"],"status":"active"}"#;
    let two = one.replace("\"id\":1", "\"id\":2");
    let example = r#"{
      "url": "https://your-server.com/webhook",
      "events": ["job.completed", "job.failed"],
      "secret_key": "your-secret-key"
    }"#;
    let repeated = example.replace("\"job.failed\"]", "\"job.failed\", \"job.completed\"]");
    for (method, path, body, data) in [
        ("GET", WEBHOOKS, "", "[]"),
        ("POST", WEBHOOKS, example, one),
        ("GET", WEBHOOKS, "", &format!("[{one}]")),
        ("DELETE", "/api/v1/webhooks/1", "", r#"{"id":1}"#),
        ("GET", WEBHOOKS, "", "[]"),
        ("POST", WEBHOOKS, &repeated, &two),
    ] {
        let answer = call(&simulator, method, path, JSON, body).await;
        let expected = format!(r#"{{"success":true,"data":{data}}}"#);
        assert_eq!(answer, (200, expected), "{method}");
    }
    simulator.shutdown().await;
}

#[tokio::test]
#[rustfmt::skip]
async fn rejected_calls() {
    let simulator = start(settings()).await;
    let long = format!(r#"{{"url":"http://a.com/{}","events":["job.failed"]}}"#, "x".repeat(3000));
    let huge = format!("\"{}\"", "x".repeat(70_000));
    for (method, path, headers, body, status, message) in [
        ("POST", WEBHOOKS, &[][..], "{}", 415, "content type"),
        ("POST", WEBHOOKS, JSON, "", 400, "JSON"),
        ("POST", WEBHOOKS, JSON, "{", 400, "JSON"),
        ("POST", WEBHOOKS, JSON, &huge, 413, "read"),
        ("POST", WEBHOOKS, JSON, "[]", 422, "object"),
        ("POST", WEBHOOKS, JSON, "{}", 422, "url is required"),
        ("POST", WEBHOOKS, JSON, r#"{"url":1}"#, 422, "url is required"),
        ("POST", WEBHOOKS, JSON, r#"{"url":"http://a.com"}"#, 422, "events is required"),
        ("POST", WEBHOOKS, JSON, r#"{"url":"http://a.com","events":"job.failed"}"#, 422, "array"),
        ("POST", WEBHOOKS, JSON, r#"{"url":"http://a.com","events":[1]}"#, 422, "array"),
        ("POST", WEBHOOKS, JSON, r#"{"url":"http://a.com","events":[]}"#, 422, "empty"),
        ("POST", WEBHOOKS, JSON, r#"{"url":"http://a.com","events":["job.done"]}"#, 422, "job.completed"),
        ("POST", WEBHOOKS, JSON, r#"{"url":"a.com","events":["job.failed"]}"#, 422, "absolute"),
        ("POST", WEBHOOKS, JSON, r#"{"url":"ftp://a.com","events":["job.failed"]}"#, 422, "neither http nor https"),
        ("POST", WEBHOOKS, JSON, r#"{"url":"http://u:p@a.com","events":["job.failed"]}"#, 422, "password"),
        ("POST", WEBHOOKS, JSON, &long, 422, "too long"),
        ("POST", WEBHOOKS, JSON, r#"{"url":"http://a.com","events":["job.failed"],"secret_key":4711}"#, 422, "secret_key must be a string"),
        ("POST", WEBHOOKS, JSON, r#"{"url":"http://a.com","events":["job.failed"],"secret_key":""}"#, 422, "secret_key must not be empty"),
        ("DELETE", "/api/v1/webhooks/1", &[], "", 404, "webhook 1 does not exist"),
        ("DELETE", "/api/v1/webhooks/-1", &[], "", 404, "does not exist"),
        ("DELETE", "/api/v1/webhooks/x%0Ay", &[], "", 404, "does not exist"),
        ("PATCH", "/simulator/webhooks/1", JSON, r#"{"status":"off"}"#, 404, "webhook 1 does not exist"),
        ("PATCH", "/simulator/webhooks/1", JSON, "{}", 422, "status"),
        ("PUT", WEBHOOKS, JSON, "{}", 405, "method"),
        ("GET", "/", &[], "", 404, "path"),
        ("POST", JOBS, &[], r#"{"outcome":"completed"}"#, 415, ""),
        ("POST", JOBS, JSON, "{}", 422, "outcome"),
        ("POST", JOBS, JSON, r#"{"outcome":"lost"}"#, 422, "lost"),
        ("POST", JOBS, JSON, r#"{"outcome":"failed","color":1}"#, 422, "color"),
        ("POST", JOBS, JSON, r#"{"outcome":"failed","url":"http://a"}"#, 422, "no url"),
        ("POST", JOBS, JSON, r#"{"outcome":"completed","reason":"x"}"#, 422, "no reason"),
        ("POST", JOBS, JSON, r#"{"outcome":"completed","task_id":""}"#, 422, "task_id"),
        ("POST", JOBS, JSON, r#"{"outcome":"completed","task_type":""}"#, 422, "task_type"),
        ("POST", JOBS, JSON, r#"{"outcome":"completed","credits":-1}"#, 422, "credits"),
        ("POST", JOBS, JSON, r#"{"outcome":"completed","credits":1e300}"#, 422, "credits"),
        ("POST", "/simulator/jobs?wait=maybe", JSON, r#"{"outcome":"completed"}"#, 400, "wait"),
        ("GET", "/simulator/attempts?after=x", &[], "", 400, "after"),
        // A page in a browser whose name was made to resolve to this machine.
        ("GET", WEBHOOKS, &[("host", "attacker.example")], "", 421, "Host"),
        ("GET", WEBHOOKS, &[("host", "attacker.example:4010")], "", 421, "Host"),
        ("GET", WEBHOOKS, &[("host", "localhost.attacker.example")], "", 421, "Host"),
        ("GET", WEBHOOKS, &[("host", "")], "", 421, "Host"),
        ("GET", WEBHOOKS, &[("host", "127.0.0.1"), ("host", "127.0.0.1")], "", 421, "Host"),
    ] {
        let (found, text) = call(&simulator, method, path, headers, body).await;
        assert_eq!(found, status, "{method} {path} {headers:?} {body:.100} {text}");
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["success"], false, "{text}");
        assert!(json["message"].as_str().unwrap().contains(message), "{text}");
        assert!(!text.contains("4711"), "{text}");
    }
    assert!(simulator.webhooks().await.is_empty());
    assert!(simulator.attempts().is_empty());
}

#[tokio::test]
async fn callers() {
    let bearer = start(settings().require_bearer(key())).await;
    let header = start(settings().require_header("X-Api-Key", key())).await;
    let open = start(settings()).await;
    let right = format!("Bearer {KEY}");
    let lower = format!("bearer {KEY}");
    let longer = format!("Bearer {KEY}x");
    let shorter = &right[..right.len() - 1];
    let auth = "authorization";
    for (simulator, headers, allowed) in [
        (&open, &[][..], true),
        (&open, &[("host", "localhost:4010")], true),
        (&open, &[("host", "api.localhost")], true),
        (&open, &[("host", "[::1]:4010")], true),
        (&open, &[("host", "192.168.1.5:4010")], true),
        (&bearer, &[(auth, &*right)], true),
        (&bearer, &[(auth, &*lower)], true),
        (&bearer, &[("host", "other:4010"), (auth, &*right)], true),
        (&bearer, &[], false),
        (&bearer, &[(auth, "Bearer ")], false),
        (&bearer, &[(auth, "Bearer")], false),
        (&bearer, &[(auth, KEY)], false),
        (&bearer, &[(auth, &*longer)], false),
        (&bearer, &[(auth, shorter)], false),
        (&bearer, &[(auth, "Basic abc")], false),
        (&bearer, &[("x-api-key", KEY)], false),
        (&bearer, &[(auth, &*right), (auth, &*right)], false),
        (&header, &[("x-api-key", KEY)], true),
        (&header, &[("x-api-key", "")], false),
        (&header, &[(auth, &*right)], false),
    ] {
        for path in [WEBHOOKS, "/simulator/attempts"] {
            let (status, text) = call(simulator, "GET", path, headers, "").await;
            let expected = if allowed { 200 } else { 401 };
            assert_eq!(status, expected, "{path} {headers:?}");
            assert!(!text.contains(KEY), "{text}");
        }
    }
    let (status, _) = call(&bearer, "GET", "/nowhere", &[], "").await;
    assert_eq!(status, 401, "without a key, no path is revealed");
}
