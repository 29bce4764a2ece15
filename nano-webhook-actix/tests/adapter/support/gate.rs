use actix_web::HttpResponse;
use nano_webhook_actix::{Webhook, WebhookEvent};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::time::timeout;

use super::PATIENCE;

/// A handler that says when it has begun, and waits to be let through.
#[derive(Clone)]
pub(crate) struct Gate {
    begun: UnboundedSender<WebhookEvent>,
    open: watch::Receiver<bool>,
}

pub(crate) struct GateKeeper {
    begun: UnboundedReceiver<WebhookEvent>,
    open: watch::Sender<bool>,
}

impl Gate {
    pub(crate) fn new() -> (Self, GateKeeper) {
        let (begun, begins) = unbounded_channel();
        let (open, opens) = watch::channel(false);
        let gate = Self { begun, open: opens };
        let keeper = GateKeeper {
            begun: begins,
            open,
        };
        (gate, keeper)
    }

    pub(crate) async fn pass(mut self, Webhook(event): Webhook) -> HttpResponse {
        self.begun.send(event).unwrap();
        self.open.wait_for(|open| *open).await.unwrap();
        HttpResponse::Ok().finish()
    }
}

impl GateKeeper {
    /// Waits until a handler has begun.
    pub(crate) async fn begun(&mut self) {
        timeout(PATIENCE, self.begun.recv()).await.unwrap().unwrap();
    }

    /// How many have begun since the last that was waited for.
    pub(crate) fn count(&mut self) -> usize {
        std::iter::from_fn(|| self.begun.try_recv().ok()).count()
    }

    pub(crate) fn open(&self) {
        self.open.send(true).unwrap();
    }
}
