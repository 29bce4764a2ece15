use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::support::{RedisServer, builder, client, handle};

#[tokio::test]
async fn a_server_that_may_evict_claims_is_warned_about() {
    for (memory, policy, expected) in [
        ("100mb", "allkeys-lru", 1),
        ("100mb", "volatile-ttl", 1),
        ("100mb", "noeviction", 0),
        ("0", "allkeys-lru", 0),
    ] {
        let options = ["--maxmemory", memory, "--maxmemory-policy", policy];
        let server = RedisServer::start_with(&options).await;
        let log = Log::default();
        // The connection is made on this thread, the only one of this runtime.
        let _guard = tracing::subscriber::set_default(log.clone());
        let store = builder().connect(client(&server.url())).await.unwrap();
        handle(&store, 1).await;
        let warnings = log.0.lock().unwrap().clone();
        assert_eq!(warnings.len(), expected, "{policy}: {warnings:?}");
        assert!(warnings.iter().all(|warning| warning.contains(policy)));
    }
}

/// Keeps this crate's warnings.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN && metadata.target().starts_with("nano_webhook")
    }

    fn event(&self, event: &Event<'_>) {
        struct Text(String);
        impl Visit for Text {
            fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
                self.0.push_str(&format!("{field}: {value:?} "));
            }
        }
        let mut text = Text(String::new());
        event.record(&mut text);
        self.0.lock().unwrap().push(text.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}
