use std::io::Write as _;
use std::time::Duration;

use actix_web::{App, HttpServer, web};
use nano_webhook_actix::WebhookMiddleware;
use receiver_settings::{BoxError, SHUTDOWN_DEADLINE, Settings, shutdown_signal};
use tokio::time::timeout;

use crate::{not_found, on_event};

/// A client has this long to send its request head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// After the handlers, connections have this many seconds to send their answers.
const ANSWER_SECONDS: u64 = 3;

/// Serves until a signal comes, then finishes the deliveries in flight.
pub(crate) async fn serve(settings: Settings) -> Result<(), BoxError> {
    let dedupe = settings.dedupe;
    // Made outside the factory: all workers share it.
    let webhooks = WebhookMiddleware::new(settings.verifier).dedupe(dedupe.clone());
    let server = HttpServer::new(move || {
        // On this resource only: another path's requests are not deliveries.
        let webhook = web::resource("/webhook").to(on_event);
        App::new()
            .service(webhook.wrap(webhooks.clone()))
            .default_service(web::to(not_found))
    })
    .client_request_timeout(HEAD_TIMEOUT)
    .keep_alive(settings.idle_timeout)
    .shutdown_timeout(ANSWER_SECONDS)
    .disable_signals()
    .bind(settings.addr)?;
    let signal = shutdown_signal()?;
    let mut stdout = std::io::stdout();
    for addr in server.addrs() {
        writeln!(stdout, "listening on http://{addr}/webhook")?;
    }

    let mut server = server.run();
    let handle = server.handle();
    tokio::select! {
        ended = &mut server => return Ok(ended?),
        () = signal => {}
    }

    tracing::info!("shutting down: finishing the deliveries in flight");
    let finish = async {
        handle.pause().await;
        // Before `stop`: actix ends a worker without connections at once, and with it
        // every handler whose client has disconnected.
        let drained = timeout(SHUTDOWN_DEADLINE, dedupe.drained()).await;
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
