//! The receiver on actix-web, with two workers.

use std::io::Write as _;

use actix_web::http::StatusCode;
use actix_web::{App, HttpResponse, HttpServer, web};
use nano_webhook_actix::{LeaseHandle, Webhook, WebhookMiddleware, WebhookRejection};
use nano_webhook_fleet::{Settings, Work};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::from_env().await?;
    let webhooks = WebhookMiddleware::new(settings.verifier).dedupe(settings.dedupe);
    let work = web::Data::new(settings.work);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(work.clone())
            .route("/webhook", web::post().to(on_event).wrap(webhooks.clone()))
    })
    .workers(2)
    .bind("127.0.0.1:0")?;
    for address in server.addrs() {
        writeln!(std::io::stdout(), "listening on http://{address}/webhook")?;
    }
    server.run().await?;
    Ok(())
}

async fn on_event(
    Webhook(event): Webhook,
    work: web::Data<Work>,
    lease: Option<web::ReqData<LeaseHandle>>,
) -> Result<HttpResponse, WebhookRejection> {
    let lease = lease.map(web::ReqData::into_inner);
    let status = work.handle(&event, lease.as_ref()).await?;
    Ok(HttpResponse::new(
        StatusCode::from_u16(status).unwrap_or_default(),
    ))
}
