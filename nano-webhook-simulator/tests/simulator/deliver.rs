use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use nano_webhook_core::{UnixTime, Verifier, WebhookEvent};
use nano_webhook_simulator::{
    Attempt, AttemptResult, DeliveryOutcome, Job, Next, Refusal, TriggerError,
};
use tokio::sync::{Semaphore, watch};

use crate::receiver::{Receiver, answer, deaf, mute, serve, status};
use crate::{BOTH, SECRET, secret, simulator};

/// As a receiver sees it: the library's own verifier, on exactly what arrived.
#[tokio::test]
async fn a_delivery_is_signed_as_documented() {
    let receiver = Receiver::accepting().await;
    let now = UnixTime::from_millis(1_734_948_000_999);
    let simulator = simulator()
        .clock(move || now)
        .start("127.0.0.1:0")
        .await
        .unwrap();
    simulator
        .register(&receiver.url, BOTH, Some(secret()))
        .await
        .unwrap();

    let job = Job::completed()
        .task_id("task_xxx")
        .url("https://cdn.example.com/image.png");
    let mut triggered = simulator.trigger(job).await.unwrap();
    assert_eq!(
        (triggered.event(), triggered.task_id()),
        ("job.completed", "task_xxx")
    );
    assert!(triggered.finished().await.is_delivered());
    let job = Job::failed()
        .task_id("task_yyy")
        .task_type("video")
        .reason("no");
    assert!(
        simulator
            .trigger(job)
            .await
            .unwrap()
            .finished()
            .await
            .is_delivered()
    );

    let received = receiver.received();
    assert_eq!(received.len(), 2);
    assert_eq!(
        received[0].body,
        r#"{"event":"job.completed","task_id":"task_xxx","task_type":"image","status":"completed","data":{"url":"https://cdn.example.com/image.png","credits_charged":6},"timestamp":"2024-12-23T10:00:00Z"}"#
    );
    assert_eq!(received[0].headers["content-type"], "application/json");
    assert_eq!(received[0].headers["x-nano-timestamp"], "1734948000");

    let verifier = Verifier::new(secret());
    let events: Vec<_> = (received.iter())
        .map(|request| {
            verifier
                .verify(&request.pairs(), request.body.clone(), now)
                .unwrap()
        })
        .map(nano_webhook_core::Delivery::into_event)
        .collect();
    let WebhookEvent::Completed(completed) = &events[0] else {
        panic!("{events:?}");
    };
    assert_eq!(completed.url, "https://cdn.example.com/image.png");
    assert_eq!(
        completed
            .credits_charged
            .and_then(|credits| credits.as_u64()),
        Some(6)
    );
    let WebhookEvent::Failed(failed) = &events[1] else {
        panic!("{events:?}");
    };
    assert_eq!(
        (failed.task_id.as_str(), failed.reason()),
        ("task_yyy", Some("no"))
    );
}

/// Who gets an event: active webhooks that subscribe to it.
#[tokio::test]
async fn subscriptions() {
    let receiver = Receiver::accepting().await;
    let simulator = simulator().start("127.0.0.1:0").await.unwrap();
    for (events, status) in [
        (&["job.completed"][..], "active"),
        (&["job.failed"], "active"),
        (&BOTH, "active"),
        (&BOTH, "disabled"),
    ] {
        let events = events.iter().copied();
        let webhook = simulator
            .register(&receiver.url, events, Some(secret()))
            .await
            .unwrap();
        simulator.set_status(webhook.id, status).await.unwrap();
    }
    for (job, expected) in [(Job::completed(), [1, 3]), (Job::failed(), [2, 3])] {
        let report = simulator.trigger(job).await.unwrap().finished().await;
        let ids: Vec<_> = report
            .deliveries
            .iter()
            .map(|delivery| delivery.webhook_id)
            .collect();
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
    let simulator = simulator()
        .max_attempts(3)
        .start("127.0.0.1:0")
        .await
        .unwrap();
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
        let webhook = simulator
            .register(&receiver.url, BOTH, Some(secret()))
            .await
            .unwrap();
        let report = simulator
            .trigger(Job::completed())
            .await
            .unwrap()
            .finished()
            .await;
        simulator.delete(webhook.id).await.unwrap();

        let [delivery] = report.deliveries.as_slice() else {
            panic!("{report:?}");
        };
        let expected: Vec<_> = expected
            .iter()
            .map(|status| Seen::Status(*status))
            .collect();
        assert_eq!(seen(&delivery.attempts), expected);
        assert_eq!(delivery.outcome, outcome, "{answers:?}");

        let received = receiver.received();
        assert_eq!(received.len(), expected.len());
        assert!(
            received
                .iter()
                .all(|request| request.body == received[0].body)
        );
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
    let sequences: Vec<_> = simulator
        .attempts()
        .iter()
        .map(|attempt| attempt.sequence)
        .collect();
    assert_eq!(sequences, (1..=sequences.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn receivers_that_do_not_answer() {
    let (deaf, _socket) = deaf().await;
    let (mute, _listener) = mute().await;
    let patient = simulator()
        .max_attempts(2)
        .start("127.0.0.1:0")
        .await
        .unwrap();
    let hasty = simulator()
        .max_attempts(2)
        .delivery_timeout(Duration::from_millis(50));
    let hasty = hasty.start("127.0.0.1:0").await.unwrap();
    for (simulator, url, expected) in [
        (&patient, deaf, [Seen::NoConnection, Seen::NoConnection]),
        (&hasty, mute, [Seen::TimedOut, Seen::TimedOut]),
    ] {
        simulator.register(url, BOTH, Some(secret())).await.unwrap();
        let report = simulator
            .trigger(Job::failed())
            .await
            .unwrap()
            .finished()
            .await;
        assert_eq!(seen(&report.deliveries[0].attempts), expected);
        assert_eq!(report.deliveries[0].outcome, DeliveryOutcome::GivenUp);
    }
}

#[tokio::test]
async fn what_is_never_sent() {
    let receiver = Receiver::accepting().await;
    let simulator = simulator().start("127.0.0.1:0").await.unwrap();
    for (url, secret, reason) in [
        (receiver.url.as_str(), None, Refusal::NoSecret),
        // Addresses for documentation (RFC 5737, RFC 3849): nobody is there.
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
    ] {
        let webhook = simulator.register(url, BOTH, secret).await.unwrap();
        let report = simulator
            .trigger(Job::completed())
            .await
            .unwrap()
            .finished()
            .await;
        simulator.delete(webhook.id).await.unwrap();
        assert_eq!(
            seen(&report.deliveries[0].attempts),
            [Seen::Refused(reason)],
            "{url}"
        );
        assert_eq!(report.deliveries[0].outcome, DeliveryOutcome::Refused);
        assert!(!report.is_delivered());
    }
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn redirections_are_not_followed() {
    let target = Receiver::accepting().await;
    let redirect = (
        StatusCode::TEMPORARY_REDIRECT,
        [("location", target.url.clone())],
    );
    let receiver = Receiver::start(vec![answer(redirect)]).await;
    let simulator = simulator().start("127.0.0.1:0").await.unwrap();
    simulator
        .register(&receiver.url, BOTH, Some(secret()))
        .await
        .unwrap();
    let report = simulator
        .trigger(Job::completed())
        .await
        .unwrap()
        .finished()
        .await;
    assert_eq!(seen(&report.deliveries[0].attempts), [Seen::Status(307)]);
    assert!(target.received().is_empty());
}

/// Each attempt is signed with its own time, over the same body.
#[tokio::test]
async fn a_retry_is_signed_anew() {
    let receiver = Receiver::start(vec![status(500), status(200)]).await;
    let ticks = AtomicUsize::new(0);
    let clock =
        move || UnixTime::from_secs(1_734_948_000 + ticks.fetch_add(400, Ordering::Relaxed) as u64);
    let simulator = simulator().clock(clock).start("127.0.0.1:0").await.unwrap();
    simulator
        .register(&receiver.url, BOTH, Some(secret()))
        .await
        .unwrap();
    let report = simulator
        .trigger(Job::completed())
        .await
        .unwrap()
        .finished()
        .await;
    assert!(report.is_delivered());

    let received = receiver.received();
    assert_ne!(
        received[0].headers["x-nano-signature"],
        received[1].headers["x-nano-signature"]
    );
    let verifier = Verifier::new(secret());
    for (request, secs) in received.iter().zip([1_734_948_400, 1_734_948_800]) {
        let now = UnixTime::from_secs(secs);
        verifier
            .verify(&request.pairs(), request.body.clone(), now)
            .unwrap();
    }
}

/// A `Retry-After` of the receiver is heeded up to the longest wait.
#[tokio::test]
async fn retry_after() {
    let busy = (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "3600")]);
    let receiver = Receiver::start(vec![answer(busy), status(200)]).await;
    let simulator = simulator().backoff(Duration::ZERO, Duration::from_millis(20));
    let simulator = simulator.start("127.0.0.1:0").await.unwrap();
    simulator
        .register(&receiver.url, BOTH, Some(secret()))
        .await
        .unwrap();
    let report = simulator
        .trigger(Job::completed())
        .await
        .unwrap()
        .finished()
        .await;
    assert!(report.is_delivered());
    assert_eq!(
        report.deliveries[0].attempts[0].next,
        Next::Retry { in_ms: 20 }
    );
}

/// A webhook that goes away between two attempts gets no second one.
#[tokio::test]
async fn a_deleted_webhook_gets_nothing_more() {
    let receiver = Receiver::start(vec![status(500)]).await;
    let simulator = simulator()
        .max_attempts(u32::MAX)
        .start("127.0.0.1:0")
        .await
        .unwrap();
    for remove in [true, false] {
        let webhook = simulator
            .register(&receiver.url, BOTH, Some(secret()))
            .await
            .unwrap();
        let mut attempts = simulator.watch();
        let mut triggered = simulator.trigger(Job::completed()).await.unwrap();
        attempts.next().await.unwrap();
        if remove {
            simulator.delete(webhook.id).await.unwrap();
        } else {
            simulator.set_status(webhook.id, "disabled").await.unwrap();
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

/// Ten deliveries, two slots: the receiver never sees more than two at once.
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
    let simulator = simulator()
        .concurrency(2)
        .start("127.0.0.1:0")
        .await
        .unwrap();
    for _ in 0..10 {
        simulator
            .register(&url, BOTH, Some(secret()))
            .await
            .unwrap();
    }
    let mut triggered = simulator.trigger(Job::completed()).await.unwrap();
    let mut news = load.subscribe();
    for pair in 1..=5 {
        news.wait_for(|load| load.started >= 2 * pair)
            .await
            .unwrap();
        gate.add_permits(2);
    }
    assert!(triggered.finished().await.is_delivered());
    assert_eq!(load.borrow().most, 2);
}

/// A receiver that does not answer cannot make the simulator grow for ever.
#[tokio::test]
async fn too_much_is_refused() {
    let (url, _listener) = mute().await;
    let simulator = simulator().start("127.0.0.1:0").await.unwrap();
    for _ in 0..1000 {
        simulator
            .register(&url, BOTH, Some(secret()))
            .await
            .unwrap();
    }
    let error = simulator.register(&url, BOTH, None).await.unwrap_err();
    assert!(error.to_string().contains("1000"), "{error}");
    for _ in 0..10 {
        simulator.trigger(Job::completed()).await.unwrap();
    }
    let error = simulator.trigger(Job::completed()).await.unwrap_err();
    assert!(matches!(error, TriggerError::Busy), "{error}");
}

#[tokio::test]
async fn the_beginning_of_an_answer_is_kept() {
    let long = "x".repeat(100_000);
    for (body, expected) in [
        ("", None),
        (
            "{\n  \"code\": \"stale\"\u{7}\n}",
            Some("{ \"code\": \"stale\" }".to_owned()),
        ),
        (long.as_str(), Some("x".repeat(300))),
    ] {
        let receiver =
            Receiver::start(vec![answer((StatusCode::BAD_REQUEST, body.to_owned()))]).await;
        let simulator = simulator().start("127.0.0.1:0").await.unwrap();
        simulator
            .register(&receiver.url, BOTH, Some(secret()))
            .await
            .unwrap();
        let report = simulator
            .trigger(Job::completed())
            .await
            .unwrap()
            .finished()
            .await;
        match &report.deliveries[0].attempts[0].result {
            AttemptResult::Answered { body, .. } => assert_eq!(*body, expected),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_job_that_makes_no_sense() {
    let simulator = simulator().start("127.0.0.1:0").await.unwrap();
    for job in [
        Job::completed().reason("no"),
        Job::failed().url("http://a.com"),
        Job::completed().task_id(""),
        Job::completed().task_type(""),
        Job::completed().credits(f64::NAN),
        Job::completed().credits(-1),
    ] {
        let error = simulator.trigger(job).await.unwrap_err();
        assert!(matches!(error, TriggerError::InvalidJob(_)), "{error}");
    }
}

#[tokio::test]
async fn nothing_in_an_attempt_is_a_secret() {
    let echo = Router::new().fallback(async |headers: axum::http::HeaderMap| {
        let signature = headers["x-nano-signature"].to_str().unwrap();
        (
            StatusCode::BAD_REQUEST,
            format!("{SECRET} is not it, nor {signature}"),
        )
    });
    let simulator = simulator().start("127.0.0.1:0").await.unwrap();
    simulator
        .register(serve(echo).await, BOTH, Some(secret()))
        .await
        .unwrap();
    let report = simulator
        .trigger(Job::completed())
        .await
        .unwrap()
        .finished()
        .await;
    let json = serde_json::to_string(&report).unwrap();
    assert!(
        json.contains("[redacted] is not it, nor [redacted]"),
        "{json}"
    );
}
