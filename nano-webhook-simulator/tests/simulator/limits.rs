use std::sync::Arc;

use axum::Router;
use nano_webhook_simulator::{ErrorKind, Job};
use tokio::sync::{Semaphore, watch};

use crate::receiver::{mute, serve};
use crate::{BOTH, register, settings, start};

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
