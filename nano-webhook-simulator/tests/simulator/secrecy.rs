use nano_webhook_simulator::{Control, ErrorKind, Job};

use crate::receiver::Receiver;
use crate::{BOTH, KEY, SECRET, key, secret, settings, start};

#[tokio::test]
async fn debug_shows_no_secret() {
    let receiver = Receiver::accepting().await;
    let builder = settings().require_bearer(key());
    let mut shown = format!("{builder:?}");
    shown += &format!("{:?}", settings().require_header("X-Key", key()));
    let running = start(builder).await;
    let registered = running.register(&receiver.url, BOTH, Some(secret())).await;
    shown += &format!("{registered:?}");
    let mut triggered = running.trigger(Job::completed()).await.unwrap();
    shown += &format!("{:?} {triggered:?}", triggered.finished().await);
    let (webhooks, stream) = (running.webhooks().await, running.watch());
    shown += &format!("{running:?} {webhooks:?} {stream:?}");
    shown += &format!("{:?}", Control::new("http://a.com").unwrap().bearer(&key()));
    let received = &receiver.received()[0];
    let signature = received.headers["x-nano-signature"].to_str().unwrap();
    for hidden in [KEY, SECRET, signature] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    assert!(shown.contains(&receiver.url), "the test sees the report");
}

#[tokio::test]
async fn invalid_settings() {
    let spaced = settings().require_header("X Key", key());
    let hasty = settings().delivery_timeout(std::time::Duration::ZERO);
    for (builder, expected) in [
        (spaced, "\"X Key\" is not a header name"),
        (hasty, "delivery_timeout must not be zero"),
        (settings().concurrency(0), "concurrency must not be zero"),
    ] {
        let error = builder.start("127.0.0.1:0").await.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
    let first = start(settings()).await;
    let error = settings().start(first.addr()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Start);
}
