use nano_webhook_simulator::{Control, DeliveryOutcome, ErrorKind, Job, Secret};

use crate::receiver::{Receiver, deaf, status};
use crate::{KEY, key, register, settings, start};

#[tokio::test]
async fn a_simulator_in_another_process() {
    let receiver = Receiver::start(vec![status(500), status(200)]).await;
    let simulator = start(settings().require_bearer(key())).await;
    register(&simulator, &receiver.url).await;
    let control = Control::new(simulator.base_url() + "/").unwrap();
    let control = control.bearer(&key()).unwrap();

    let job = Job::completed().task_type("video").task_id("task_1");
    let report = control.trigger_and_wait(&job.credits(2.5)).await.unwrap();
    assert_eq!(report.event, "job.completed");
    assert_eq!(report.task_id, "task_1");
    assert_eq!(report.deliveries[0].outcome, DeliveryOutcome::Delivered);
    let attempts = simulator.attempts();
    assert_eq!(report.deliveries[0].attempts, attempts);
    assert_eq!(control.attempts(0).await.unwrap(), attempts);
    assert_eq!(control.attempts(1).await.unwrap(), attempts[1..]);

    let mut attempts = simulator.watch();
    let report = control.trigger(&Job::failed().reason("no")).await.unwrap();
    assert_eq!(report.event, "job.failed");
    assert_eq!(attempts.next().await.unwrap().task_id, report.task_id);

    control.set_status(1, "disabled").await.unwrap();
    assert_eq!(simulator.webhooks().await[0].status, "disabled");
    let report = control.trigger_and_wait(&Job::failed()).await.unwrap();
    assert!(report.deliveries.is_empty());
}

#[tokio::test]
async fn errors() {
    let simulator = start(settings().require_header("X-Key", key())).await;
    let receiver = Receiver::accepting().await;
    let (deaf, _socket) = deaf().await;
    let open = |url: &str| Control::new(url).unwrap();
    let right = || open(&simulator.base_url()).header("x-key", &key()).unwrap();
    right().trigger(&Job::failed()).await.unwrap();

    for (control, job, expected) in [
        (right(), Job::completed().reason("no"), "422"),
        (open(&simulator.base_url()), Job::failed(), "401"),
        (open(&receiver.url), Job::failed(), "not a simulator"),
        (open(&deaf), Job::failed(), "cannot be reached"),
        #[cfg(not(feature = "tls"))]
        (
            open("https://127.0.0.1"),
            Job::failed(),
            "cannot be reached",
        ),
    ] {
        let error = control.trigger(&job).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_ne!(error.kind(), ErrorKind::Invalid);
        assert!(!format!("{error:?} {control:?}").contains(KEY));
    }
    for base_url in [
        "",
        "localhost:1",
        "ftp://a.com",
        "http://u@a.com",
        "http://:p@a.com",
    ] {
        let error = Control::new(base_url).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{base_url}");
    }
    for error in [
        right().bearer(&Secret::new("a\nb").unwrap()).unwrap_err(),
        right().header("a b", &key()).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
}
