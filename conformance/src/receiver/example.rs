use nano_webhook_test_kit::{Connection, Receiver, SignedRequest};
use serde_json::{Value, json};

use crate::answers::has_status;
use crate::table::{Check, equal};

pub(super) const SECRET: &str = "a secret for the examples, 'quoted' & spaced";

/// An example that runs, with the contract's secret.
pub(super) struct Example(pub(super) Receiver);

impl Example {
    pub(super) async fn start(program: &str, variables: &[(&str, &str)]) -> Result<Self, String> {
        let variables = [&[("NANO_WEBHOOK_SECRET", SECRET)], variables].concat();
        Receiver::start(program, &variables).await.map(Self)
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/webhook", self.0.addr)
    }

    pub(super) async fn connect(&self) -> Connection {
        Connection::open(self.0.addr).await
    }

    pub(super) async fn gets(&self, body: &str, status: u16) -> Check {
        self.answers(&SignedRequest::signed_now(SECRET, body), status)
            .await
    }

    pub(super) async fn answers(&self, request: &SignedRequest, status: u16) -> Check {
        let answer = self.connect().await.exchange(request.whole()).await?;
        has_status(&answer, status)
    }

    pub(super) async fn line(&mut self) -> Result<Value, String> {
        let line = self.0.process.line().await?;
        serde_json::from_str(&line).map_err(|error| format!("{line:?}: {error}"))
    }

    /// The next line of standard output is this one, as JSON.
    pub(super) async fn prints(&mut self, wanted: &Value) -> Check {
        let got = self.line().await?;
        equal("printed", &got, wanted)
    }

    /// Delivers one event more, and sees that its line is the next one.
    pub(super) async fn prints_nothing_more(&mut self) -> Check {
        self.gets(r#"{"event":"marker","task_id":"marker"}"#, 200)
            .await?;
        self.prints(&json!({"event": "marker", "task_id": "marker"}))
            .await
    }
}

pub(super) fn failed(task: &str) -> String {
    format!(r#"{{"event":"job.failed","task_id":"{task}"}}"#)
}

pub(super) fn failed_line(task: &str) -> Value {
    json!({"event": "job.failed", "task_id": task, "reason": null})
}
