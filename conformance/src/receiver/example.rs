use nano_webhook_test_kit::{Connection, Receiver, Response, SignedRequest};
use serde_json::{Value, json};

use crate::table::Check;

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

    /// Posts a body, and gets this status.
    pub(super) async fn gets(&self, body: &str, status: u16) -> Check {
        self.answers(&SignedRequest::signed_now(SECRET, body), status)
            .await
    }

    pub(super) async fn answers(&self, request: &SignedRequest, status: u16) -> Check {
        expect(
            &self.connect().await.exchange(request.whole()).await?,
            status,
        )
    }

    /// The next line of standard output is this one, as JSON.
    pub(super) async fn prints(&mut self, wanted: &Value) -> Check {
        let line = self.0.process.line().await?;
        let got: Value =
            serde_json::from_str(&line).map_err(|error| format!("{line:?}: {error}"))?;
        (got == *wanted)
            .then_some(())
            .ok_or_else(|| format!("printed {got}, not {wanted}"))
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

pub(super) fn expect(answer: &Response, status: u16) -> Check {
    (answer.status == status)
        .then_some(())
        .ok_or_else(|| format!("got {} {:?}, not {status}", answer.status, answer.code()))
}
