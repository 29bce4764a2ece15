use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use nano_webhook_core::{UnixTime, Verifier, WebhookEvent};
use nano_webhook_simulator::{
    Attempt, AttemptResult, DeliveryOutcome, ErrorKind, Job, Next, Refusal,
};
use tokio::sync::{Semaphore, watch};

use crate::receiver::{Receiver, answer, deaf, mute, serve, status};
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
    assert_eq!(triggered.event(), "job.completed");
    assert_eq!(triggered.task_id(), "task_xxx");
    assert!(triggered.finished().await.is_delivered());
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
    let event = |request: &crate::receiver::Received| {
        let delivery = verifier.verify(&request.pairs(), request.body.clone(), now);
        delivery.unwrap().into_event()
    };
    let WebhookEvent::Completed(completed) = event(&received[0]) else {
        panic!("{received:?}");
    };
    assert_eq!(completed.url, "https://cdn.example.com/image.png");
    let credits = completed.credits_charged;
    assert_eq!(credits.and_then(|credits| credits.as_u64()), Some(6));
    let WebhookEvent::Failed(failed) = event(&received[1]) else {
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

#[derive(Debug, PartialEq)]
enum Seen {
    Status(u16),
    TimedOut,
    NoConnection,
    Refused(Refusal),
}

fn seen(attempts: &[Attempt]) -> Vec<Seen> {
    let seen = |attempt: &Attempt| match &attempt.result {
        AttemptResult::Answered { status, .. } => Seen::Status(*status),
        AttemptResult::TimedOut => Seen::TimedOut,
        AttemptResult::ConnectionFailed { .. } => Seen::NoConnection,
        AttemptResult::Refused { reason } => Seen::Refused(*reason),
        other => panic!("{other:?}"),
    };
    attempts.iter().map(seen).collect()
}

/// What is retried, and how it ends.
#[tokio::test]
async fn retries() {
    use DeliveryOutcome::{Delivered, GivenUp};
    let simulator = start(settings().max_attempts(3)).await;
    for (answers, expected, outcome) in [
        (&[200][..], &[200][..], Delivered),
        (&[204], &[204], Delivered),
        (&[299], &[299], Delivered),
        (&[500, 200], &[500, 200], Delivered),
        (&[503, 429, 202], &[503, 429, 202], Delivered),
        (&[500, 502, 503, 200], &[500, 502, 503], GivenUp),
        (&[408, 425, 599], &[408, 425, 599], GivenUp),
        (&[503, 400, 200], &[503, 400], GivenUp),
        (&[301, 200], &[301], GivenUp),
        (&[400, 200], &[400], GivenUp),
        (&[401, 200], &[401], GivenUp),
        (&[404, 200], &[404], GivenUp),
        (&[413, 200], &[413], GivenUp),
        (&[422, 200], &[422], GivenUp),
    ] {
        let receiver = Receiver::start(answers.iter().map(|code| status(*code)).collect()).await;
        let webhook = register(&simulator, &receiver.url).await;
        let report = deliver(&simulator, Job::completed()).await;
        simulator.delete(webhook).await.unwrap();

        let [delivery] = report.deliveries.as_slice() else {
            panic!("{report:?}");
        };
        let expected: Vec<_> = expected.iter().copied().map(Seen::Status).collect();
        assert_eq!(seen(&delivery.attempts), expected);
        assert_eq!(delivery.outcome, outcome, "{answers:?}");

        let received = receiver.received();
        assert_eq!(received.len(), expected.len());
        assert!(received.iter().all(|it| it.body == received[0].body));
        for (position, attempt) in delivery.attempts.iter().enumerate() {
            assert_eq!(attempt.attempt as usize, position + 1);
            let next = match (position + 1 == expected.len(), outcome) {
                (false, _) => Next::Retry { in_ms: 0 },
                (true, Delivered) => Next::Done,
                (true, _) => Next::GiveUp,
            };
            assert_eq!(attempt.next, next);
        }
    }
    let attempts = simulator.attempts();
    let sequences = attempts.iter().map(|attempt| attempt.sequence);
    assert!(sequences.eq(1..=attempts.len() as u64));
}

#[tokio::test]
async fn receivers_that_do_not_answer() {
    let (deaf, _socket) = deaf().await;
    let (mute, _listener) = mute().await;
    let patient = start(settings().max_attempts(2)).await;
    let timeout = Duration::from_millis(50);
    let hasty = start(settings().max_attempts(2).delivery_timeout(timeout)).await;
    for (simulator, url, expected) in [
        (&patient, deaf, [Seen::NoConnection, Seen::NoConnection]),
        (&hasty, mute, [Seen::TimedOut, Seen::TimedOut]),
    ] {
        register(simulator, &url).await;
        let report = deliver(simulator, Job::failed()).await;
        assert_eq!(seen(&report.deliveries[0].attempts), expected);
        assert_eq!(report.deliveries[0].outcome, DeliveryOutcome::GivenUp);
    }
}

#[tokio::test]
async fn refused_deliveries() {
    let receiver = Receiver::accepting().await;
    let simulator = start(settings()).await;
    for (url, secret, reason) in [
        (&*receiver.url, None, Refusal::NoSecret),
        // Addresses for documentation (RFC 5737, RFC 3849): no host has them.
        ("http://192.0.2.1/", Some(secret()), Refusal::NotLoopback),
        (
            "http://[2001:db8::1]/",
            Some(secret()),
            Refusal::NotLoopback,
        ),
        ("http://0.0.0.0/", Some(secret()), Refusal::NotLoopback),
        (
            "https://169.254.169.254/",
            Some(secret()),
            Refusal::NotLoopback,
        ),
        // Resolves like the address that it names.
        ("http://3221225985/", Some(secret()), Refusal::NotLoopback),
    ] {
        let webhook = simulator.register(url, BOTH, secret).await.unwrap();
        let report = deliver(&simulator, Job::completed()).await;
        simulator.delete(webhook.id).await.unwrap();
        let attempts = seen(&report.deliveries[0].attempts);
        assert_eq!(attempts, [Seen::Refused(reason)], "{url}");
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
    assert_eq!(seen(&report.deliveries[0].attempts), [Seen::Status(307)]);
    assert!(target.received().is_empty());
}

/// Each attempt is signed with its own time.
#[tokio::test]
async fn a_retry_has_its_own_signature() {
    let receiver = Receiver::start(vec![status(500), status(200)]).await;
    let seconds = AtomicU64::new(1_734_948_000);
    let clock = move || UnixTime::from_secs(seconds.fetch_add(400, Ordering::Relaxed));
    let simulator = start(settings().clock(clock)).await;
    register(&simulator, &receiver.url).await;
    let report = deliver(&simulator, Job::completed()).await;
    assert!(report.is_delivered());

    let received = receiver.received();
    let verifier = Verifier::new(secret());
    for (request, secs) in received.iter().zip([1_734_948_400, 1_734_948_800]) {
        let now = UnixTime::from_secs(secs);
        assert_eq!(request.headers["x-nano-timestamp"], secs.to_string());
        let verified = verifier.verify(&request.pairs(), request.body.clone(), now);
        verified.unwrap();
    }
}

/// A `Retry-After` of the receiver is respected up to the longest wait.
#[tokio::test]
async fn retry_after() {
    let busy = (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "3600")]);
    let receiver = Receiver::start(vec![answer(busy), status(200)]).await;
    let longest = Duration::from_millis(20);
    let simulator = start(settings().backoff(Duration::ZERO, longest)).await;
    register(&simulator, &receiver.url).await;
    let report = deliver(&simulator, Job::completed()).await;
    assert!(report.is_delivered());
    let next = report.deliveries[0].attempts[0].next;
    assert_eq!(next, Next::Retry { in_ms: 20 });
}

/// A webhook that is deleted between two attempts gets no second one.
#[tokio::test]
async fn a_deleted_webhook_gets_no_retry() {
    let receiver = Receiver::start(vec![status(500)]).await;
    let simulator = start(settings().max_attempts(u32::MAX)).await;
    for remove in [true, false] {
        let webhook = register(&simulator, &receiver.url).await;
        let mut attempts = simulator.watch();
        let mut triggered = simulator.trigger(Job::completed()).await.unwrap();
        attempts.next().await.unwrap();
        if remove {
            simulator.delete(webhook).await.unwrap();
        } else {
            simulator.set_status(webhook, "disabled").await.unwrap();
        }
        let report = triggered.finished().await;
        assert_eq!(report.deliveries[0].outcome, DeliveryOutcome::Cancelled);
    }
}

#[derive(Default)]
struct Load {
    started: usize,
    running: usize,
    most: usize,
}

/// Ten deliveries, two slots: the receiver sees at most two at the same time.
#[tokio::test]
async fn concurrency_is_bounded() {
    let load = Arc::new(watch::Sender::new(Load::default()));
    let gate = Arc::new(Semaphore::new(0));
    let router = Router::new().fallback({
        let (load, gate) = (Arc::clone(&load), Arc::clone(&gate));
        async move || {
            load.send_modify(|load| {
                load.started += 1;
                load.running += 1;
                load.most = load.most.max(load.running);
            });
            gate.acquire().await.unwrap().forget();
            load.send_modify(|load| load.running -= 1);
        }
    });
    let url = serve(router).await;
    let simulator = start(settings().concurrency(2)).await;
    for _ in 0..10 {
        register(&simulator, &url).await;
    }
    let mut triggered = simulator.trigger(Job::completed()).await.unwrap();
    let mut news = load.subscribe();
    for pair in 1..=5 {
        let has_started = |load: &Load| load.started >= 2 * pair;
        news.wait_for(has_started).await.unwrap();
        gate.add_permits(2);
    }
    assert!(triggered.finished().await.is_delivered());
    assert_eq!(load.borrow().most, 2);
}

/// A receiver that does not answer cannot exhaust the memory of the simulator.
#[tokio::test]
async fn webhooks_and_deliveries_are_bounded() {
    let (url, _listener) = mute().await;
    let simulator = start(settings()).await;
    for _ in 0..1000 {
        register(&simulator, &url).await;
    }
    let error = simulator.register(&url, BOTH, None).await.unwrap_err();
    assert!(error.to_string().contains("1000"), "{error}");
    for _ in 0..10 {
        simulator.trigger(Job::completed()).await.unwrap();
    }
    let error = simulator.trigger(Job::completed()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy);
}

#[tokio::test]
async fn the_beginning_of_an_answer_is_kept() {
    let (long, kept) = ("x".repeat(100_000), "x".repeat(300));
    for (body, expected) in [
        ("", None),
        ("{\n  \"a\": \"b\"\u{7}\n}", Some("{ \"a\": \"b\" }")),
        (&long, Some(&*kept)),
    ] {
        let answers = vec![answer((StatusCode::BAD_REQUEST, body.to_owned()))];
        let receiver = Receiver::start(answers).await;
        let simulator = start(settings()).await;
        register(&simulator, &receiver.url).await;
        let report = deliver(&simulator, Job::completed()).await;
        match &report.deliveries[0].attempts[0].result {
            AttemptResult::Answered { body, .. } => assert_eq!(body.as_deref(), expected),
            other => panic!("{other:?}"),
        }
    }
}

/// The API's tests have the other fields; JSON has no NaN.
#[tokio::test]
async fn an_invalid_job() {
    let simulator = start(settings()).await;
    let job = Job::completed().credits(f64::NAN);
    let error = simulator.trigger(job).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
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
