use axum::Router;
use axum::http::StatusCode;
use nano_webhook_core::{UnixTime, Verifier, WebhookEvent};
use nano_webhook_simulator::{DeliveryOutcome, Job, JobReport, Refusal};

use crate::receiver::{Received, Receiver, answer, serve};
use crate::{BOTH, SECRET, deliver, register, secret, settings, start};

/// What a receiver sees, judged by the library's own verifier.
#[tokio::test]
async fn a_delivery_is_signed_as_documented() {
    let receiver = Receiver::accepting().await;
    let now = UnixTime::from_millis(1_734_948_000_999);
    let simulator = start(settings().clock(move || now)).await;
    register(&simulator, &receiver.url).await;

    let job = Job::completed().task_id("task_xxx");
    let job = job.url("https://cdn.example.com/image.png");
    let mut triggered = simulator.trigger(job).await.unwrap();
    let report = triggered.finished().await;
    assert_eq!(report.event, "job.completed");
    assert_eq!(report.task_id, "task_xxx");
    assert!(report.is_delivered());
    let job = Job::failed().task_id("task_yyy").task_type("video");
    assert!(deliver(&simulator, job.reason("no")).await.is_delivered());

    let received = receiver.received();
    assert_eq!(received.len(), 2);
    assert_eq!(
        received[0].body,
        r#"{"event":"job.completed","task_id":"task_xxx","task_type":"image","status":"completed","data":{"url":"https://cdn.example.com/image.png","credits_charged":6},"timestamp":"2024-12-23T10:00:00Z"}"#
    );
    assert_eq!(received[0].headers["content-type"], "application/json");
    assert_eq!(received[0].headers["x-nano-timestamp"], "1734948000");

    let verifier = Verifier::new(secret());
    let [completed, failed] = [0, 1].map(|position: usize| {
        let Received { headers, body } = &received[position];
        let verified = verifier.verify(headers, body.clone(), now);
        verified.unwrap().into_event()
    });
    let WebhookEvent::Completed(completed) = completed else {
        panic!("{received:?}");
    };
    assert_eq!(completed.url, "https://cdn.example.com/image.png");
    let credits = completed.credits_charged;
    assert_eq!(credits.and_then(|credits| credits.as_u64()), Some(6));
    let WebhookEvent::Failed(failed) = failed else {
        panic!("{received:?}");
    };
    assert_eq!(failed.task_id, "task_yyy");
    assert_eq!(failed.reason(), Some("no"));
}

/// An event goes to the active webhooks that subscribe to it.
#[tokio::test]
async fn subscriptions() {
    let receiver = Receiver::accepting().await;
    let simulator = start(settings()).await;
    for (events, status) in [
        (&["job.completed"][..], "active"),
        (&["job.failed"], "active"),
        (&BOTH, "active"),
        (&BOTH, "disabled"),
    ] {
        let events = events.iter().copied();
        // By name: it may resolve to several addresses of this machine.
        let url = receiver.url.replace("127.0.0.1", "localhost");
        let webhook = simulator.register(url, events, Some(secret()));
        let id = webhook.await.unwrap().id;
        simulator.set_status(id, status).await.unwrap();
    }
    for (job, expected) in [(Job::completed(), [1, 3]), (Job::failed(), [2, 3])] {
        let report = deliver(&simulator, job).await;
        let ids: Vec<_> = report.deliveries.iter().map(|it| it.webhook_id).collect();
        assert_eq!(ids, expected);
        assert!(report.is_delivered());
    }
    assert_eq!(receiver.received().len(), 4);
}

/// How the attempts of the first delivery ended.
pub(crate) fn seen(report: &JobReport) -> Vec<String> {
    let attempts = report.deliveries[0].attempts.iter();
    attempts.map(|attempt| attempt.result.to_string()).collect()
}

#[tokio::test]
async fn refused_deliveries() {
    use Refusal::{NoSecret, NotLoopback};
    let receiver = Receiver::accepting().await;
    let simulator = start(settings()).await;
    for (url, secret, reason) in [
        (&*receiver.url, None, NoSecret),
        // Addresses for documentation (RFC 5737, RFC 3849): no host has them.
        ("http://192.0.2.1/", Some(secret()), NotLoopback),
        ("http://[2001:db8::1]/", Some(secret()), NotLoopback),
        ("http://0.0.0.0/", Some(secret()), NotLoopback),
        ("https://169.254.169.254/", Some(secret()), NotLoopback),
        // Resolves like the address that it names.
        ("http://3221225985/", Some(secret()), NotLoopback),
    ] {
        let webhook = simulator.register(url, BOTH, secret).await.unwrap();
        let report = deliver(&simulator, Job::completed()).await;
        simulator.delete(webhook.id).await.unwrap();
        assert_eq!(seen(&report), [format!("not sent: {reason}")], "{url}");
        assert_eq!(report.deliveries[0].outcome, DeliveryOutcome::Refused);
        assert!(!report.is_delivered());
    }
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn redirections_are_not_followed() {
    let target = Receiver::accepting().await;
    let location = [("location", target.url.clone())];
    let redirect = (StatusCode::TEMPORARY_REDIRECT, location);
    let receiver = Receiver::start(vec![answer(redirect)]).await;
    let simulator = start(settings()).await;
    register(&simulator, &receiver.url).await;
    let report = deliver(&simulator, Job::completed()).await;
    assert_eq!(seen(&report), ["307"]);
    assert!(target.received().is_empty());
}

#[tokio::test]
async fn the_beginning_of_an_answer_is_kept() {
    let (long, kept) = ("x".repeat(100_000), "x".repeat(300));
    for (body, expected) in [
        ("", "400"),
        ("{\n  \"a\": \"b\"\u{7}\n}", "400 { \"a\": \"b\" }"),
        (&long, &format!("400 {kept}")),
    ] {
        let answers = vec![answer((StatusCode::BAD_REQUEST, body.to_owned()))];
        let receiver = Receiver::start(answers).await;
        let simulator = start(settings()).await;
        register(&simulator, &receiver.url).await;
        let report = deliver(&simulator, Job::completed()).await;
        assert_eq!(seen(&report), [expected]);
    }
}

#[tokio::test]
async fn an_attempt_contains_no_secret() {
    let echo = Router::new().fallback(async |headers: axum::http::HeaderMap| {
        let signature = headers["x-nano-signature"].to_str().unwrap();
        let echoed = format!("{SECRET} is not it, nor {signature}");
        (StatusCode::BAD_REQUEST, echoed)
    });
    let simulator = start(settings()).await;
    register(&simulator, &serve(echo).await).await;
    let report = deliver(&simulator, Job::completed()).await;
    let json = serde_json::to_string(&report).unwrap();
    let cleaned = "[redacted] is not it, nor [redacted]";
    assert!(json.contains(cleaned), "{json}");
}
