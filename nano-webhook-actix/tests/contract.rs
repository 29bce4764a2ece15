//! The tables that every adapter is held to: the vectors, the HTTP contract, and
//! the contract of claims, over real sockets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer, rt};
use nano_webhook_actix::{Dedupe, Delivery, Webhook, WebhookConfig, WebhookMiddleware};
use nano_webhook_conformance::{
    Probe, Server, Settings, Target, event_json, run_contract, run_dedupe_contract,
    run_vectors_over_http,
};

/// A way to verify. Both must answer alike.
enum Actix {
    Extractor,
    Middleware,
    /// On a route and again on its scope: the inner one passes through.
    TwoMiddlewares,
}

async fn handler(Webhook(delivery): Webhook<Delivery>) -> HttpResponse {
    HttpResponse::Ok().json(event_json(&delivery))
}

impl Target for Actix {
    async fn start(&self, settings: Settings) -> Server {
        let verifier = settings.verifier();
        let middleware = WebhookMiddleware::new(verifier.clone());
        match self {
            Self::Extractor => serve(move |app| {
                app.app_data(WebhookConfig::new(verifier.clone()))
                    .route("/webhook", web::route().to(handler));
            }),
            Self::Middleware | Self::TwoMiddlewares => serve(move |app| {
                let route = web::route().to(handler).wrap(middleware.clone());
                app.route("/webhook", route);
            }),
        }
    }

    async fn start_unconfigured(&self) -> Server {
        serve(|app| {
            app.route("/webhook", web::route().to(handler));
        })
    }

    /// actix says 100 before a service has seen the head.
    fn continues_by_itself(&self) -> bool {
        true
    }

    async fn start_with_dedupe(&self, settings: Settings, dedupe: Dedupe, probe: Probe) -> Server {
        let middleware = WebhookMiddleware::new(settings.verifier()).dedupe(dedupe);
        let twice = matches!(self, Self::TwoMiddlewares);
        serve(move |app| {
            let probe = probe.clone();
            let handler = move |Webhook(delivery): Webhook<Delivery>| {
                let probe = probe.clone();
                async move {
                    let status = probe.handle(&delivery).await;
                    HttpResponse::new(StatusCode::from_u16(status).unwrap())
                }
            };
            let route = web::route().to(handler).wrap(middleware.clone());
            match twice {
                true => app.service(
                    web::scope("")
                        .wrap(middleware.clone())
                        .route("/webhook", route),
                ),
                false => app.route("/webhook", route),
            };
        })
    }
}

fn serve(configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) -> Server {
    let server = HttpServer::new(move || App::new().configure(configure.clone()))
        .workers(2)
        .disable_signals()
        .bind_auto_h2c("127.0.0.1:0")
        .unwrap();
    let addr = server.addrs()[0];
    let server = server.run();
    let guard = Stop(server.handle());
    rt::spawn(server);
    Server::new(addr, guard)
}

struct Stop(ServerHandle);

impl Drop for Stop {
    fn drop(&mut self) {
        drop(self.0.stop(false));
    }
}

#[actix_web::test]
async fn vectors_in_the_extractor() {
    run_vectors_over_http(&Actix::Extractor).await;
}

#[actix_web::test]
async fn vectors_in_the_middleware() {
    run_vectors_over_http(&Actix::Middleware).await;
}

#[actix_web::test]
async fn contract_of_the_extractor() {
    run_contract(&Actix::Extractor).await;
}

#[actix_web::test]
async fn contract_of_the_middleware() {
    run_contract(&Actix::Middleware).await;
}

#[actix_web::test]
async fn contract_of_claims() {
    run_dedupe_contract(&Actix::Middleware).await;
}

#[actix_web::test]
async fn contract_of_claims_of_two_middlewares() {
    run_dedupe_contract(&Actix::TwoMiddlewares).await;
}
