//! The actix servers.

use std::error::Error;
use std::io;

use actix_web::{App, HttpResponse, HttpServer, web};
use nano_webhook_actix::{Dedupe, Webhook, WebhookConfig, WebhookMiddleware};
use nano_webhook_bench_shared::SECRET;
use nano_webhook_bench_shared::peers::SCHEME;
use webhook_verify::Provider;

use crate::modes::{Mode, verifier};

pub(crate) fn run(mode: Mode) -> Result<(), Box<dyn Error>> {
    let verifier = verifier(mode);
    match mode {
        Mode::Bare => serve(|config| {
            config.route("/webhook", web::post().to(bare));
        }),
        Mode::Once => {
            let once = WebhookMiddleware::new(verifier).dedupe(Dedupe::in_memory());
            serve(move |config| {
                config.service(web::resource("/webhook").to(event).wrap(once.clone()));
            })
        }
        Mode::WebhookVerify => serve(|config| {
            let theirs = webhook_verify::actix::WebhookConfig::new(
                Provider::Custom(SCHEME),
                webhook_verify::Secret::new(SECRET),
            );
            config
                .app_data(theirs)
                .route("/webhook", web::post().to(verified));
        }),
        _ => serve(move |config| {
            config
                .app_data(WebhookConfig::new(verifier.clone()))
                .route("/webhook", web::post().to(event));
        }),
    }
}

async fn bare(_: web::Bytes) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn event(_: Webhook) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn verified(_: webhook_verify::actix::VerifiedBody) -> HttpResponse {
    HttpResponse::Ok().finish()
}

fn serve(
    configure: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> Result<(), Box<dyn Error>> {
    actix_web::rt::System::new().block_on(async {
        let server = HttpServer::new(move || App::new().configure(configure.clone()))
            .workers(1)
            .disable_signals()
            .bind("127.0.0.1:0")?;
        match server.addrs().first() {
            Some(address) => println!("{address}"),
            None => return Err(io::Error::other("there is no address")),
        }
        server.run().await
    })?;
    Ok(())
}
