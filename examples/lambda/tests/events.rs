//! The function as Lambda runs it: the process fetches each event from a runtime API and
//! posts its answer there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nano_webhook_core::{Secret, Signer, UnixTime};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;

const SECRET: &str = "a secret for the receiver in Lambda";
/// No JSON printer would print it like this.
const BODY: &str =
    "{\"event\":\"job.failed\", \"task_id\":\"t\u{e9}\u{1f34c}\",\"error\":\"a\\/b\"}\n";

const HTTP_API: &str = include_str!("../events/http-api.json");
const FUNCTION_URL: &str = include_str!("../events/function-url.json");
const REST_API: &str = include_str!("../events/rest-api.json");

/// What takes the place of the words in capitals in an event.
struct Request {
    method: &'static str,
    timestamp: String,
    signature: String,
    body: String,
}

impl Request {
    fn signed_at(signed_at: UnixTime) -> Self {
        let signer = Signer::new(Secret::new(SECRET).unwrap());
        let signed = signer.sign(signed_at, BODY.as_bytes());
        Self {
            method: "POST",
            timestamp: signed.timestamp().to_owned(),
            signature: signed.signature().to_owned(),
            body: BODY.to_owned(),
        }
    }

    fn event(&self, form: &str) -> Value {
        let body = Value::from(self.body.as_str()).to_string();
        let event = form
            .replace("METHOD", self.method)
            .replace("TIMESTAMP", &self.timestamp)
            .replace("SIGNATURE", &self.signature)
            .replace("LENGTH", &self.body.len().to_string())
            .replace("\"BODY\"", &body)
            .replace("BASE64", &STANDARD.encode(&self.body));
        serde_json::from_str(&event).unwrap()
    }
}

#[tokio::test]
async fn events() {
    let now = UnixTime::now();
    let good = Request::signed_at(now);
    let with = |change: fn(&mut Request)| {
        let mut request = Request::signed_at(now);
        change(&mut request);
        request
    };
    let tampered = with(|request| request.body = request.body.replace("failed", "FAILED"));
    let fetched = with(|request| request.method = "GET");
    let stale = Request::signed_at(UnixTime::from_secs(now.as_secs() - 301));
    let timestamp_twice = with(|request| request.timestamp = [&*request.timestamp; 2].join(","));
    // API Gateway gives both: all values, and the last one.
    let mut other_before = good.event(REST_API);
    let signatures = json!([tampered.signature.replace('a', "b"), good.signature]);
    other_before["multiValueHeaders"]["X-Nano-Signature"] = signatures;

    let mut lambda = Lambda::start().await;
    let rows = [
        ("HTTP API", good.event(HTTP_API), "200"),
        ("function URL, Base64", good.event(FUNCTION_URL), "200"),
        ("REST API", good.event(REST_API), "200"),
        (
            "another body",
            tampered.event(HTTP_API),
            "401 signature_mismatch",
        ),
        (
            "another body, Base64",
            tampered.event(FUNCTION_URL),
            "401 signature_mismatch",
        ),
        (
            "301 s old",
            stale.event(FUNCTION_URL),
            "401 timestamp_out_of_tolerance",
        ),
        ("GET", fetched.event(FUNCTION_URL), "405 method_not_allowed"),
        (
            "joined by the gateway",
            timestamp_twice.event(HTTP_API),
            "400 malformed_timestamp",
        ),
        ("another signature before it", other_before, "200"),
    ];
    for (name, event, expected) in rows {
        let answer = lambda.invoke(event).await;
        let body = answer["body"].as_str().unwrap_or_default();
        let problem = serde_json::from_str(body).unwrap_or(Value::Null);
        let code = problem["code"].as_str().unwrap_or_default();
        let got = format!("{} {code}", answer["statusCode"]);
        assert_eq!(got.trim_end(), expected, "{name}: {answer}");
    }
}

/// The function's process, and the runtime API that it talks to.
struct Lambda {
    _process: Child,
    events: mpsc::Sender<Value>,
    answers: mpsc::Receiver<Value>,
}

#[derive(Clone)]
struct Runtime {
    events: Arc<Mutex<mpsc::Receiver<Value>>>,
    answers: mpsc::Sender<Value>,
}

impl Lambda {
    async fn start() -> Self {
        let (events, next) = mpsc::channel(1);
        let (answered, answers) = mpsc::channel(1);
        let runtime = Runtime {
            events: Arc::new(Mutex::new(next)),
            answers: answered,
        };
        let app = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next_event))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(answer))
            .with_state(runtime);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        let process = Command::new(env!("CARGO_BIN_EXE_lambda-receiver"))
            .env("NANO_WEBHOOK_SECRET", SECRET)
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "receiver")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/receiver")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "stream")
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            _process: process,
            events,
            answers,
        }
    }

    async fn invoke(&mut self, event: Value) -> Value {
        self.events.send(event).await.unwrap();
        let answer = timeout(Duration::from_secs(60), self.answers.recv()).await;
        answer.expect("the function does not answer").unwrap()
    }
}

async fn next_event(State(runtime): State<Runtime>) -> impl IntoResponse {
    let event = runtime.events.lock().await.recv().await;
    let deadline = UnixTime::now().as_millis() + 60_000;
    let head = [
        ("lambda-runtime-aws-request-id", "1".to_owned()),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-central-1:123456789012:function:receiver".to_owned(),
        ),
    ];
    (head, Json(event))
}

async fn answer(State(runtime): State<Runtime>, answer: String) {
    let answer = serde_json::from_str(&answer).unwrap();
    let _ = runtime.answers.send(answer).await;
}
