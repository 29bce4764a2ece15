use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use nano_webhook_axum::{Dedupe, Secret, Verifier, Webhook, WebhookEvent, WebhookLayer};
use tokio::net::TcpListener;

use crate::BoxError;

/// The events that reached the handler, in order.
type Seen = Arc<Mutex<Vec<String>>>;

/// The receiver of the README, with a handler that records its events.
pub(crate) struct Receiver {
    pub(crate) addr: SocketAddr,
    seen: Seen,
}

impl Receiver {
    pub(crate) async fn start(secret: Secret) -> Result<Self, BoxError> {
        let seen = Seen::default();
        let webhooks = WebhookLayer::new(Verifier::new(secret)).dedupe(Dedupe::in_memory());
        let app = Router::new()
            .route("/webhook", post(on_event).layer(webhooks))
            .with_state(Arc::clone(&seen));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { addr, seen })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/webhook", self.addr)
    }

    /// The events that reached the handler since the last call.
    pub(crate) fn take_seen(&self) -> Option<String> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let news = std::mem::take(&mut *seen);
        (!news.is_empty()).then(|| news.join("; "))
    }
}

async fn on_event(State(seen): State<Seen>, Webhook(event): Webhook) -> StatusCode {
    let line = match event {
        WebhookEvent::Completed(job) => format!(
            "Completed: {}, {} credits, {}",
            job.task_id,
            job.credits_charged
                .map_or_else(|| "?".to_owned(), |credits| credits.to_string()),
            job.url
        ),
        WebhookEvent::Failed(job) => {
            format!(
                "Failed: {}, {}",
                job.task_id,
                job.reason().unwrap_or("no reason given")
            )
        }
        other => format!(
            "Unknown: {}, {}",
            other.name(),
            other.task_id().unwrap_or("no task")
        ),
    };
    seen.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(line);
    StatusCode::OK
}
