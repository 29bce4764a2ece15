use std::time::Duration;

use nano_webhook_axum::{Secret, Signer, UnixTime};
use nano_webhook_simulator::{AttemptResult, Job, JobReport, RunningSimulator};

use crate::BoxError;
use crate::receiver::Receiver;
use crate::socket::post;
use crate::table::Table;

const IMAGE: &str = r#"{"event":"job.completed","task_id":"task_image","task_type":"image","status":"completed","data":{"url":"https://cdn.example.com/task_image.png","credits_charged":6},"timestamp":"2024-12-23T10:00:00Z"}"#;

/// Deliveries of the provider, after jobs have ended.
pub(crate) async fn provider(
    table: &mut Table,
    simulator: &RunningSimulator,
    receiver: &Receiver,
) -> Result<(), BoxError> {
    let image = Job::completed().task_id("task_image").credits(6);
    let video = Job::failed()
        .task_id("task_video")
        .task_type("video")
        .reason("no GPU was free");
    let saw_image = "Completed: task_image, 6 credits, https://cdn.example.com/task_image.png";
    for (sent, job, expected) in [
        ("an image job completes", image.clone(), Some(saw_image)),
        (
            "a video job fails",
            video,
            Some("Failed: task_video, no GPU was free"),
        ),
        (
            "the image job again: the provider repeats itself",
            image,
            None,
        ),
    ] {
        let report = simulator.trigger(job).await?.finished().await;
        table.row(
            sent,
            (status(&report), "200"),
            (receiver.take_seen(), expected),
        );
    }
    Ok(())
}

fn status(report: &JobReport) -> String {
    let answers: Vec<String> = report
        .deliveries
        .iter()
        .flat_map(|delivery| &delivery.attempts)
        .map(|attempt| match &attempt.result {
            AttemptResult::Answered { status, .. } => status.to_string(),
            other => format!("{other:?}"),
        })
        .collect();
    answers.join(", ")
}

/// The request in words, its headers and body, the expected answer, and the event
/// that the handler is expected to see.
type Scene<'a> = (
    &'a str,
    Vec<(&'a str, &'a str)>,
    &'a str,
    &'a str,
    Option<&'a str>,
);

/// Requests that the provider did not send, or sent differently.
pub(crate) async fn strangers(
    table: &mut Table,
    secret: &str,
    receiver: &Receiver,
) -> Result<(), BoxError> {
    let signer = Signer::new(Secret::new(secret)?);
    let forger = Signer::new(Secret::new("what a forger guesses")?);
    let now = UnixTime::now();
    let long_ago = now.saturating_sub(Duration::from_secs(3600));
    let progress = r#"{"event":"job.progress","task_id":"task_image","percent":80}"#;
    let pointless = r#"{"event":"job.completed","task_id":"task_image"}"#;
    let oversized = format!(
        r#"{{"event":"job.completed","padding":"{}"}}"#,
        "x".repeat(300_000)
    );
    let tampered = IMAGE.replace(":6}", ":0}");

    let signed = signer.sign(now, IMAGE.as_bytes());
    let shouted = signed.signature().to_uppercase();
    let signed_progress = signer.sign(now, progress.as_bytes());
    let signed_elsewhere = forger.sign(now, IMAGE.as_bytes());
    let signed_long_ago = signer.sign(long_ago, IMAGE.as_bytes());
    let signed_oversized = signer.sign(now, oversized.as_bytes());
    let signed_pointless = signer.sign(now, pointless.as_bytes());
    let [timestamp, signature] = signed.to_pairs();

    #[rustfmt::skip]
    let scenes: [Scene<'_>; 11] = [
        ("an event of a new kind", signed_progress.to_pairs().into(), progress,
            "200", Some("Unknown: job.progress, task_image")),
        ("a captured delivery, replayed", signed.to_pairs().into(), IMAGE,
            "200", None),
        ("a tampered body: 6 credits become 0", signed.to_pairs().into(), &tampered,
            "401 signature_mismatch", None),
        ("signed with another secret", signed_elsewhere.to_pairs().into(), IMAGE,
            "401 signature_mismatch", None),
        ("no signature", vec![timestamp], IMAGE,
            "401 missing_header", None),
        ("a signature in upper case", vec![timestamp, ("x-nano-signature", &shouted)], IMAGE,
            "400 malformed_signature", None),
        ("the signature twice", vec![timestamp, signature, signature], IMAGE,
            "400 duplicate_header", None),
        ("signed an hour ago", signed_long_ago.to_pairs().into(), IMAGE,
            "401 timestamp_out_of_tolerance", None),
        ("a compressed body", vec![timestamp, signature, ("content-encoding", "gzip")], IMAGE,
            "415 unsupported_content_encoding", None),
        ("300 kB, correctly signed", signed_oversized.to_pairs().into(), &oversized,
            "413 body_too_large", None),
        ("correctly signed, but without a result", signed_pointless.to_pairs().into(), pointless,
            "422 invalid_event", None),
    ];
    for (sent, headers, body, expected_answer, expected_seen) in scenes {
        let answer = post(receiver.addr, &headers, body).await?;
        table.row(
            sent,
            (answer, expected_answer),
            (receiver.take_seen(), expected_seen),
        );
    }
    Ok(())
}
