use nano_webhook_simulator::{Control, Job, Secret, StartError};

use crate::receiver::Receiver;
use crate::{BOTH, KEY, SECRET, secret, simulator};

#[tokio::test]
async fn debug_shows_no_secret() {
    let receiver = Receiver::accepting().await;
    let key = || Secret::new(KEY).unwrap();
    let builder = simulator().require_bearer(key());
    let mut shown = format!("{builder:?}");
    shown += &format!("{:?}", simulator().require_header("X-Key", key()));
    let running = builder.start("127.0.0.1:0").await.unwrap();
    shown += &format!(
        "{:?}",
        running.register(&receiver.url, BOTH, Some(secret())).await
    );
    let mut triggered = running.trigger(Job::completed()).await.unwrap();
    shown += &format!("{:?} {triggered:?}", triggered.finished().await);
    shown += &format!(
        "{running:?} {:?} {:?}",
        running.webhooks().await,
        running.watch()
    );
    shown += &format!("{:?}", Control::new("http://a.com").unwrap().bearer(&key()));
    let signature = receiver.received()[0].headers["x-nano-signature"]
        .to_str()
        .unwrap()
        .to_owned();
    for hidden in [KEY, SECRET, &signature] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    assert!(shown.contains(&receiver.url), "the test looks at something");
}

#[tokio::test]
async fn settings_that_make_no_sense() {
    let name = simulator().require_header("X Key", Secret::new(KEY).unwrap());
    let timeout = simulator().delivery_timeout(std::time::Duration::ZERO);
    for (builder, expected) in [
        (name, "\"X Key\" is not the name of a header"),
        (timeout, "delivery_timeout must not be zero"),
        (simulator().concurrency(0), "concurrency must not be zero"),
    ] {
        let error = builder.start("127.0.0.1:0").await.unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let first = simulator().start("127.0.0.1:0").await.unwrap();
    let error = simulator().start(first.addr()).await.unwrap_err();
    assert!(matches!(error, StartError::Listen { .. }), "{error}");
}
