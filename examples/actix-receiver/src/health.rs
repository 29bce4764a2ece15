use std::net::SocketAddr;

use actix_web::dev::Server;
use actix_web::{App, HttpResponse, HttpServer, web};
use receiver_settings::{BoxError, Shutdown, cannot_bind};

/// Serves liveness and readiness on a listener of their own. Gives its address too.
///
/// Readiness does not ask the store: if that fails, all replicas are affected, and 503
/// from a receiver is better than no receiver.
pub(crate) fn serve(
    addr: SocketAddr,
    shutdown: Shutdown,
) -> Result<(Server, SocketAddr), BoxError> {
    let shutdown = web::Data::new(shutdown);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shutdown.clone())
            .route("/healthz", web::get().to(async || "alive\n"))
            .route("/readyz", web::get().to(readiness))
    })
    .workers(1)
    .disable_signals()
    .bind(addr)
    .map_err(cannot_bind("NANO_WEBHOOK_ADMIN_ADDR", addr))?;
    let addr = server.addrs().first().copied().unwrap_or(addr);
    Ok((server.run(), addr))
}

async fn readiness(shutdown: web::Data<Shutdown>) -> HttpResponse {
    match shutdown.is_ready() {
        true => HttpResponse::Ok().body("ready\n"),
        false => HttpResponse::ServiceUnavailable().body("shutting down\n"),
    }
}
