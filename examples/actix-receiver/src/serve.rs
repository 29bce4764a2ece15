use std::io::Write as _;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, Error, HttpServer, web};
use nano_webhook_actix::WebhookMiddleware;
use receiver_settings::{BoxError, Settings, Shutdown, cannot_bind};
use tokio::time::timeout_at;

use crate::{health, not_found, on_event};

/// A client has this long to send its request head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// After the handlers, connections have this many seconds to send their answers.
const ANSWER_SECONDS: u64 = 3;

/// Serves until the shutdown has begun, then finishes the deliveries in flight.
pub(crate) async fn serve(settings: Settings) -> Result<(), BoxError> {
    let (dedupe, shutdown) = (settings.dedupe, settings.shutdown);
    let begun = shutdown.begun()?;
    let (health, health_addr) = health::serve(settings.admin_addr, shutdown.clone())?;
    // Made outside the factory: all workers share it.
    let webhooks = WebhookMiddleware::new(settings.verifier).dedupe(dedupe.clone());
    let server = HttpServer::new(move || {
        // On this resource only: another path's requests are not deliveries.
        let webhook = web::resource("/webhook").to(on_event);
        App::new()
            .app_data(web::Data::new(shutdown.clone()))
            .wrap(from_fn(last_on_its_connection))
            .service(webhook.wrap(webhooks.clone()))
            .default_service(web::to(not_found))
    })
    .client_request_timeout(HEAD_TIMEOUT)
    .keep_alive(settings.idle_timeout)
    .shutdown_timeout(ANSWER_SECONDS)
    .disable_signals()
    .bind(settings.addr)
    .map_err(cannot_bind("NANO_WEBHOOK_ADDR", settings.addr))?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "health on http://{health_addr}/readyz")?;
    for addr in server.addrs() {
        writeln!(stdout, "listening on http://{addr}/webhook")?;
    }

    let mut server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(health);
    let deadline = tokio::select! {
        ended = &mut server => return Ok(ended?),
        deadline = begun => deadline,
    };

    let finish = async {
        handle.pause().await;
        // Before `stop`: actix ends a worker without connections at once, and with it
        // every handler whose client has disconnected.
        let drained = timeout_at(deadline, dedupe.drained()).await;
        if drained.is_err() {
            tracing::warn!(
                cut_off = dedupe.in_flight(),
                "the deadline has passed; deliveries that are cut off are handled again after their leases"
            );
        }
        handle.stop(true).await;
    };
    let (ended, ()) = tokio::join!(server, finish);
    Ok(ended?)
}

/// While the receiver is not ready, clients open their next connection elsewhere. Idle
/// connections stay open until the end of the drain delay: a request may be on its way.
async fn last_on_its_connection(
    shutdown: web::Data<Shutdown>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut answer = next.call(request).await?;
    if !shutdown.is_ready() {
        let head = answer.response_mut().head_mut();
        head.set_connection_type(ConnectionType::Close);
    }
    Ok(answer)
}
