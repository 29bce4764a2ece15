//! One request, one answer: every status and code, over each way to send a body.

use super::heads::refused_heads;
use crate::table::Table;
use crate::target::Target;
use crate::way::Way;
use nano_webhook_test_kit::SignedRequest;

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    for way in Way::ALL {
        let how = way.how();
        for (name, body) in accepted() {
            table.row(format!("{name}, {how}"), async move |trial| {
                let request = SignedRequest::new(body);
                let answer = way.send(trial, &request).await?;
                trial.accepted(&answer, &request)
            });
        }
        for (name, request, code) in refused() {
            table.row(format!("{name}, {how}"), async move |trial| {
                let answer = way.send(trial, &request).await?;
                way.refused(trial, &answer, code)?;
                trial.still_serves().await
            });
        }
    }
}

fn accepted() -> [(&'static str, &'static str); 4] {
    [
        (
            "a completed job",
            r#"{"event":"job.completed","task_id":"done","data":{"url":"https://cdn.example.com/1.png"}}"#,
        ),
        (
            "a failed job",
            r#"{"event":"job.failed","task_id":"lost","error":"no luck"}"#,
        ),
        (
            "an unknown event",
            r#"{"event":"job.paused","task_id":"later"}"#,
        ),
        ("an unknown event of no task", r#"{"event":"credits.low"}"#),
    ]
}

fn refused() -> Vec<(&'static str, SignedRequest, &'static str)> {
    let mut other_body = SignedRequest::for_task("one");
    other_body.body = SignedRequest::for_task("two").body;
    let mut rows = vec![
        ("another body", other_body, "signature_mismatch"),
        (
            "a body and a byte",
            SignedRequest::for_task("one").forged(),
            "signature_mismatch",
        ),
        ("no body at all", SignedRequest::new(""), "invalid_event"),
        ("not JSON", SignedRequest::new("{"), "invalid_event"),
        ("not an event", SignedRequest::new("[]"), "invalid_event"),
        (
            "a completed job without its result",
            SignedRequest::new(r#"{"event":"job.completed","task_id":"x","data":{}}"#),
            "invalid_event",
        ),
    ];
    rows.extend(
        refused_heads()
            .into_iter()
            .map(|head| (head.name, head.request, head.code)),
    );
    rows
}
