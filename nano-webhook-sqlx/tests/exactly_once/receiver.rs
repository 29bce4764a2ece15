//! A receiver in a process of its own: this program again, told so by `RECEIVER`.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use actix_web::web;
use axum::http::StatusCode;
use axum::routing::post;
use nano_webhook_axum::{Dedupe, LeaseHandle, Secret, Verifier, WebhookRejection};
use nano_webhook_sqlx::TransactionError;

use crate::ledger::Ledger;

pub const SECRET: &str = "a secret for the proofs only";

/// Short: many leases are to run out.
const LEASE: Duration = Duration::from_millis(400);

/// A receiver that is killed with this value.
pub struct Receiver {
    child: Child,
    pub url: String,
}

impl Receiver {
    pub fn start(framework: &str, url: &str, extra: &[(String, String)]) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .env("RECEIVER", framework)
            .env("DATABASE_URL", url)
            .envs(extra.iter().cloned())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let address = line.trim();
        assert!(!address.is_empty(), "the receiver ended before it listened");
        Self {
            child,
            url: format!("http://{address}/webhook"),
        }
    }
}

/// SIGKILL
impl Drop for Receiver {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[derive(Clone)]
struct App {
    ledger: Ledger,
    /// The control: commits, and leaves the completion to the library.
    apart: bool,
}

impl App {
    async fn handle(
        &self,
        task: Option<&str>,
        lease: &LeaseHandle,
    ) -> Result<(), TransactionError> {
        // One in 25 outlives its lease.
        let seldom = lease.delivery_id().as_bytes()[0].is_multiple_of(25) && lease.attempt() == 1;
        let nap = if seldom { LEASE * 2 } else { LEASE / 40 };
        if !self.apart {
            return self.ledger.count(task.unwrap(), nap, Some(lease)).await;
        }
        self.ledger.count(task.unwrap(), nap, None).await?;
        // A kill is to fall between the effect and its completion.
        tokio::time::sleep(LEASE / 20).await;
        Ok(())
    }
}

/// Serves until it is killed.
pub async fn run(framework: String) {
    let ledger = Ledger::open(&env::var("DATABASE_URL").unwrap()).await;
    let verifier = Verifier::new(Secret::new(SECRET).unwrap());
    let dedupe = Dedupe::builder(ledger.store(), "proof").lease(LEASE);
    let dedupe = dedupe.build().unwrap();
    let apart = env::var_os("APART").is_some();
    let app = App { ledger, apart };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let announce = || println!("{address}");
    if framework == "actix" {
        let middleware = nano_webhook_actix::WebhookMiddleware::new(verifier).dedupe(dedupe);
        let make = move || {
            actix_web::App::new()
                .app_data(web::Data::new(app.clone()))
                .service(
                    web::resource("/webhook")
                        .wrap(middleware.clone())
                        .post(actix_on_event),
                )
        };
        let server = actix_web::HttpServer::new(make).workers(2);
        let server = server.listen(listener).unwrap().run();
        announce();
        server.await.unwrap();
    } else {
        let layer = nano_webhook_axum::WebhookLayer::new(verifier).dedupe(dedupe);
        let router = axum::Router::new()
            .route("/webhook", post(axum_on_event).layer(layer))
            .layer(axum::Extension(app));
        listener.set_nonblocking(true).unwrap();
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        announce();
        axum::serve(listener, router).await.unwrap();
    }
}

async fn axum_on_event(
    nano_webhook_axum::Webhook(event): nano_webhook_axum::Webhook,
    axum::Extension(app): axum::Extension<App>,
    axum::Extension(lease): axum::Extension<LeaseHandle>,
) -> Result<StatusCode, WebhookRejection> {
    app.handle(event.task_id(), &lease).await?;
    Ok(StatusCode::OK)
}

async fn actix_on_event(
    nano_webhook_actix::Webhook(event): nano_webhook_actix::Webhook,
    app: web::Data<App>,
    lease: web::ReqData<LeaseHandle>,
) -> Result<&'static str, nano_webhook_actix::WebhookRejection> {
    app.handle(event.task_id(), &lease).await?;
    Ok("")
}
