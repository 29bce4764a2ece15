use std::sync::Arc;

use actix_web::HttpResponse;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::PATIENCE;

/// A handler that counts its calls, and waits to be let through.
#[derive(Clone)]
pub(crate) struct Gate {
    begun: Arc<Semaphore>,
    open: Arc<Semaphore>,
    ended: Arc<Semaphore>,
}

impl Gate {
    pub(crate) fn closed() -> Self {
        let none = || Arc::new(Semaphore::new(0));
        Self {
            begun: none(),
            open: none(),
            ended: none(),
        }
    }

    pub(crate) async fn pass(self) -> HttpResponse {
        self.begun.add_permits(1);
        self.open.acquire().await.unwrap().forget();
        self.ended.add_permits(1);
        HttpResponse::Ok().finish()
    }

    /// Waits until one more call has begun.
    pub(crate) async fn begun(&self) {
        let begun = timeout(PATIENCE, self.begun.acquire()).await;
        begun.unwrap().unwrap().forget();
    }

    pub(crate) fn open(&self, calls: usize) {
        self.open.add_permits(calls);
    }

    pub(crate) fn ended(&self) -> usize {
        self.ended.available_permits()
    }
}
