use nano_webhook_simulator::RunningSimulator;
use reqwest::{Client, Method, Response};

use crate::{KEY, SECRET, simulator};

async fn call(
    simulator: &RunningSimulator,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Response {
    let client = Client::builder().no_proxy().build().unwrap();
    let method: Method = method.parse().unwrap();
    let mut request = client.request(method, format!("{}{path}", simulator.base_url()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.to_owned()).send().await.unwrap()
}

const JSON: (&str, &str) = ("content-type", "application/json");
const WEBHOOKS: &str = "/api/v1/webhooks";

/// The requests and answers of the provider's page, byte by byte but for white
/// space.
#[tokio::test]
async fn the_documented_calls() {
    let simulator = simulator().start("127.0.0.1:0").await.unwrap();
    let one = r#"{"id":1,"url":"https://your-server.com/webhook","events":["job.completed","job.failed"],"status":"active"}"#;
    let example = r#"{
      "url": "https://your-server.com/webhook",
      "events": ["job.completed", "job.failed"],
      "secret_key": "your-secret-key"
    }"#;
    for (method, path, body, answer) in [
        (
            "GET",
            WEBHOOKS,
            "",
            r#"{"success":true,"data":[]}"#.to_owned(),
        ),
        (
            "POST",
            WEBHOOKS,
            example,
            format!(r#"{{"success":true,"data":{one}}}"#),
        ),
        (
            "GET",
            WEBHOOKS,
            "",
            format!(r#"{{"success":true,"data":[{one}]}}"#),
        ),
        (
            "DELETE",
            "/api/v1/webhooks/1",
            "",
            r#"{"success":true,"data":{"id":1}}"#.to_owned(),
        ),
        (
            "GET",
            WEBHOOKS,
            "",
            r#"{"success":true,"data":[]}"#.to_owned(),
        ),
    ] {
        let response = call(&simulator, method, path, &[JSON], body).await;
        assert_eq!(response.status(), 200, "{method}");
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.text().await.unwrap(), answer);
    }
    simulator.shutdown().await;
}

#[tokio::test]
async fn ids_are_not_given_twice() {
    let simulator = simulator().start("127.0.0.1:0").await.unwrap();
    for expected in 1..=3 {
        let webhook = simulator
            .register("http://localhost/", ["job.failed"], None)
            .await
            .unwrap();
        assert_eq!(webhook.id, expected);
        simulator.delete(webhook.id).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_refused() {
    let simulator = simulator().start("127.0.0.1:0").await.unwrap();
    let secret_as_number = r#"{"url":"http://a.com","events":["job.failed"],"secret_key":4711}"#;
    let empty_secret = r#"{"url":"http://a.com","events":["job.failed"],"secret_key":""}"#;
    let long = format!(
        r#"{{"url":"http://a.com/{}","events":["job.failed"]}}"#,
        "x".repeat(3000)
    );
    let huge = format!("\"{}\"", "x".repeat(70_000));
    for (method, path, headers, body, status, message) in [
        ("POST", WEBHOOKS, &[][..], "{}", 415, "content type"),
        ("POST", WEBHOOKS, &[JSON], "", 400, "JSON"),
        ("POST", WEBHOOKS, &[JSON], "{", 400, "JSON"),
        ("POST", WEBHOOKS, &[JSON], &huge, 413, "read"),
        ("POST", WEBHOOKS, &[JSON], "[]", 422, "object"),
        ("POST", WEBHOOKS, &[JSON], "{}", 422, "url is required"),
        (
            "POST",
            WEBHOOKS,
            &[JSON],
            r#"{"url":1}"#,
            422,
            "url is required",
        ),
        (
            "POST",
            WEBHOOKS,
            &[JSON],
            r#"{"url":"http://a.com"}"#,
            422,
            "events is required",
        ),
        (
            "POST",
            WEBHOOKS,
            &[JSON],
            r#"{"url":"http://a.com","events":"job.failed"}"#,
            422,
            "array",
        ),
        (
            "POST",
            WEBHOOKS,
            &[JSON],
            r#"{"url":"http://a.com","events":[1]}"#,
            422,
            "array",
        ),
        (
            "POST",
            WEBHOOKS,
            &[JSON],
            r#"{"url":"http://a.com","events":[]}"#,
            422,
            "empty",
        ),
        (
            "POST",
            WEBHOOKS,
            &[JSON],
            r#"{"url":"http://a.com","events":["job.done"]}"#,
            422,
            "job.completed",
        ),
        (
            "POST",
            WEBHOOKS,
            &[JSON],
            r#"{"url":"a.com","events":["job.failed"]}"#,
            422,
            "absolute",
        ),
        (
            "POST",
            WEBHOOKS,
            &[JSON],
            r#"{"url":"ftp://a.com","events":["job.failed"]}"#,
            422,
            "https://",
        ),
        (
            "POST",
            WEBHOOKS,
            &[JSON],
            r#"{"url":"http://u:p@a.com","events":["job.failed"]}"#,
            422,
            "password",
        ),
        ("POST", WEBHOOKS, &[JSON], &long, 422, "too long"),
        (
            "POST",
            WEBHOOKS,
            &[JSON],
            secret_as_number,
            422,
            "secret_key must be a text",
        ),
        (
            "POST",
            WEBHOOKS,
            &[JSON],
            empty_secret,
            422,
            "secret_key must not be empty",
        ),
        ("DELETE", "/api/v1/webhooks/1", &[], "", 404, "no webhook 1"),
        ("DELETE", "/api/v1/webhooks/-1", &[], "", 404, "no webhook"),
        (
            "DELETE",
            "/api/v1/webhooks/x%0Ay",
            &[],
            "",
            404,
            "no webhook",
        ),
        (
            "PATCH",
            "/simulator/webhooks/1",
            &[JSON],
            r#"{"status":"off"}"#,
            404,
            "no webhook 1",
        ),
        (
            "PATCH",
            "/simulator/webhooks/1",
            &[JSON],
            "{}",
            422,
            "status",
        ),
        ("PUT", WEBHOOKS, &[JSON], "{}", 405, "method"),
        ("GET", "/", &[], "", 404, "path"),
        (
            "POST",
            "/simulator/jobs",
            &[],
            r#"{"outcome":"completed"}"#,
            415,
            "",
        ),
        ("POST", "/simulator/jobs", &[JSON], "{}", 422, "outcome"),
        (
            "POST",
            "/simulator/jobs",
            &[JSON],
            r#"{"outcome":"lost"}"#,
            422,
            "lost",
        ),
        (
            "POST",
            "/simulator/jobs",
            &[JSON],
            r#"{"outcome":"failed","color":1}"#,
            422,
            "color",
        ),
        (
            "POST",
            "/simulator/jobs",
            &[JSON],
            r#"{"outcome":"failed","url":"http://a"}"#,
            422,
            "no url",
        ),
        (
            "POST",
            "/simulator/jobs",
            &[JSON],
            r#"{"outcome":"completed","reason":"x"}"#,
            422,
            "no reason",
        ),
        (
            "POST",
            "/simulator/jobs",
            &[JSON],
            r#"{"outcome":"completed","task_id":""}"#,
            422,
            "task_id",
        ),
        (
            "POST",
            "/simulator/jobs",
            &[JSON],
            r#"{"outcome":"completed","credits":-1}"#,
            422,
            "credits",
        ),
        (
            "POST",
            "/simulator/jobs",
            &[JSON],
            r#"{"outcome":"completed","credits":1e300}"#,
            422,
            "credits",
        ),
        (
            "POST",
            "/simulator/jobs?wait=maybe",
            &[JSON],
            r#"{"outcome":"completed"}"#,
            400,
            "wait",
        ),
        ("GET", "/simulator/attempts?after=x", &[], "", 400, "after"),
    ] {
        let response = call(&simulator, method, path, headers, body).await;
        assert_eq!(response.status(), status, "{method} {path} {body:.100}");
        let text = response.text().await.unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["success"], false, "{text}");
        let found = json["message"].as_str().unwrap();
        assert!(found.contains(message), "{found}");
        assert!(!text.contains("4711"), "{text}");
    }
    assert!(simulator.webhooks().await.is_empty());
    assert!(simulator.attempts().is_empty());
}

#[tokio::test]
async fn who_may_call() {
    let key = || nano_webhook_simulator::Secret::new(KEY).unwrap();
    let bearer = simulator()
        .require_bearer(key())
        .start("127.0.0.1:0")
        .await
        .unwrap();
    let header = simulator()
        .require_header("X-Api-Key", key())
        .start("127.0.0.1:0")
        .await
        .unwrap();
    let open = simulator().start("127.0.0.1:0").await.unwrap();
    let right = format!("Bearer {KEY}");
    let lower = format!("bearer {KEY}");
    let longer = format!("Bearer {KEY}x");
    let shorter = &right[..right.len() - 1];
    for (simulator, headers, allowed) in [
        (&open, &[][..], true),
        (&bearer, &[("authorization", right.as_str())], true),
        (&bearer, &[("authorization", lower.as_str())], true),
        (&bearer, &[], false),
        (&bearer, &[("authorization", "Bearer ")], false),
        (&bearer, &[("authorization", "Bearer")], false),
        (&bearer, &[("authorization", KEY)], false),
        (&bearer, &[("authorization", longer.as_str())], false),
        (&bearer, &[("authorization", shorter)], false),
        (&bearer, &[("authorization", "Basic abc")], false),
        (&bearer, &[("x-api-key", KEY)], false),
        (
            &bearer,
            &[
                ("authorization", right.as_str()),
                ("authorization", right.as_str()),
            ],
            false,
        ),
        (&header, &[("x-api-key", KEY)], true),
        (&header, &[("x-api-key", "")], false),
        (&header, &[("authorization", right.as_str())], false),
    ] {
        for path in [WEBHOOKS, "/simulator/attempts"] {
            let response = call(simulator, "GET", path, headers, "").await;
            let expected = if allowed { 200 } else { 401 };
            assert_eq!(response.status(), expected, "{path} {headers:?}");
            let text = response.text().await.unwrap();
            assert!(!text.contains(KEY), "{text}");
        }
    }
    let response = call(&bearer, "GET", "/nowhere", &[], "").await;
    assert_eq!(response.status(), 401, "who has no key learns nothing");
}

#[tokio::test]
async fn a_registered_secret_is_not_given_back() {
    let simulator = simulator().start("127.0.0.1:0").await.unwrap();
    let body =
        format!(r#"{{"url":"http://a.com","events":["job.failed"],"secret_key":"{SECRET}"}}"#);
    for (method, path, body) in [
        ("POST", WEBHOOKS, body.as_str()),
        ("GET", WEBHOOKS, ""),
        ("GET", "/simulator/attempts", ""),
    ] {
        let response = call(&simulator, method, path, &[JSON], body).await;
        assert_eq!(response.status(), 200);
        assert!(!response.text().await.unwrap().contains(SECRET));
    }
}

#[tokio::test]
async fn events_given_twice_are_kept_once() {
    let simulator = simulator().start("127.0.0.1:0").await.unwrap();
    let events = ["job.failed", "job.completed", "job.failed"];
    let webhook = simulator
        .register("http://a.com", events, None)
        .await
        .unwrap();
    assert_eq!(webhook.events, ["job.failed", "job.completed"]);
    assert!(!webhook.has_secret);
}
