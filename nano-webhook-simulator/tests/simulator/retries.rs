use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use nano_webhook_core::{UnixTime, Verifier};
use nano_webhook_simulator::{DeliveryOutcome, Job, Next};

use crate::deliver::seen;
use crate::receiver::{Receiver, answer, deaf, mute, status};
use crate::{deliver, register, secret, settings, start};

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

        let statuses: Vec<_> = expected.iter().map(u16::to_string).collect();
        assert_eq!(seen(&report), statuses);
        let [delivery] = &report.deliveries[..] else {
            panic!("{report:?}");
        };
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
        (&patient, deaf, "cannot connect: "),
        (&hasty, mute, "no answer in time"),
    ] {
        register(simulator, &url).await;
        let report = deliver(simulator, Job::failed()).await;
        let attempts = seen(&report);
        assert!(
            attempts.iter().all(|it| it.starts_with(expected)),
            "{attempts:?}"
        );
        assert_eq!(attempts.len(), 2);
        assert_eq!(report.deliveries[0].outcome, DeliveryOutcome::GivenUp);
    }
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
        let verified = verifier.verify(&request.headers, request.body.clone(), now);
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
