use nano_webhook_simulator::{Control, ControlError, DeliveryOutcome, Job, Secret};

use crate::receiver::{Receiver, deaf, status};
use crate::{BOTH, KEY, secret, simulator};

#[tokio::test]
async fn a_simulator_in_another_process() {
    let receiver = Receiver::start(vec![status(500), status(200)]).await;
    let key = || Secret::new(KEY).unwrap();
    let simulator = simulator()
        .require_bearer(key())
        .start("127.0.0.1:0")
        .await
        .unwrap();
    simulator
        .register(&receiver.url, BOTH, Some(secret()))
        .await
        .unwrap();
    let control = Control::new(simulator.base_url())
        .unwrap()
        .bearer(&key())
        .unwrap();

    let job = Job::completed()
        .task_type("video")
        .task_id("task_1")
        .credits(2.5);
    let report = control.trigger_and_wait(&job).await.unwrap();
    assert_eq!(
        (report.event.as_str(), report.task_id.as_str()),
        ("job.completed", "task_1")
    );
    assert_eq!(report.deliveries[0].outcome, DeliveryOutcome::Delivered);
    assert_eq!(report.deliveries[0].attempts, simulator.attempts());
    assert_eq!(control.attempts(0).await.unwrap(), simulator.attempts());
    assert_eq!(
        control.attempts(1).await.unwrap(),
        simulator.attempts()[1..]
    );

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
async fn what_goes_wrong() {
    let key = || Secret::new(KEY).unwrap();
    let simulator = simulator()
        .require_header("X-Key", key())
        .start("127.0.0.1:0")
        .await
        .unwrap();
    let receiver = Receiver::accepting().await;
    let (deaf, _socket) = deaf().await;
    let right = || {
        Control::new(simulator.base_url())
            .unwrap()
            .header("x-key", &key())
            .unwrap()
    };
    right().trigger(&Job::failed()).await.unwrap();

    for (control, job, expected) in [
        (right(), Job::completed().reason("no"), "422"),
        (
            Control::new(simulator.base_url()).unwrap(),
            Job::failed(),
            "401",
        ),
        (
            Control::new(&receiver.url).unwrap(),
            Job::failed(),
            "not a simulator",
        ),
        (
            Control::new(deaf).unwrap(),
            Job::failed(),
            "cannot be reached",
        ),
    ] {
        let error = control.trigger(&job).await.unwrap_err();
        let shown = format!("{error}");
        assert!(shown.contains(expected), "{shown}");
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
        assert!(matches!(error, ControlError::InvalidBaseUrl), "{base_url}");
    }
    let error = right().bearer(&Secret::new("a\nb").unwrap()).unwrap_err();
    assert!(matches!(error, ControlError::InvalidKey));
}
