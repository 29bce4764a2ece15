use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::{App, HttpServer, web};
use nano_webhook_actix::DedupeMiddleware;
use tokio::time::timeout;

use crate::BoxError;
use crate::handler::on_event;

/// A client has this long to send its request head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// After a signal, what is being handled has this long to finish.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(30);

/// After that, connections have this many seconds to send their answers.
const ANSWER_SECONDS: u64 = 5;

/// Serves until a signal comes, then finishes what was begun.
pub(crate) async fn serve(addr: SocketAddr, webhooks: DedupeMiddleware) -> Result<(), BoxError> {
    let in_flight = webhooks.in_flight();
    let server = HttpServer::new(move || {
        // On this route only: another route's requests are not deliveries.
        let route = web::post().to(on_event).wrap(webhooks.clone());
        App::new().route("/webhook", route)
    })
    .client_request_timeout(HEAD_TIMEOUT)
    .shutdown_timeout(ANSWER_SECONDS)
    .disable_signals()
    .bind(addr)?;
    let signal = shutdown_signal()?;
    for addr in server.addrs() {
        announce(addr)?;
    }

    let mut server = server.run();
    let handle = server.handle();
    tokio::select! {
        ended = &mut server => return Ok(ended?),
        () = signal => {}
    }

    tracing::info!("shutting down: finishing what was begun");
    let finish = async {
        handle.pause().await;
        // Before `stop`: actix ends a worker that has no connection at once, and
        // with it every handler whose client has hung up.
        if timeout(SHUTDOWN_DEADLINE, in_flight.drained())
            .await
            .is_err()
        {
            tracing::warn!(
                cut_off = in_flight.count(),
                "the deadline has passed; what is cut off is handled again when its lease has run out"
            );
        }
        handle.stop(true).await;
    };
    let (ended, ()) = tokio::join!(server, finish);
    Ok(ended?)
}

/// `println!` would panic when standard output is closed.
fn announce(addr: SocketAddr) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "listening on http://{addr}/webhook")?;
    stdout.flush()
}

/// Resolves on Ctrl-C, and on SIGTERM where there is one.
fn shutdown_signal() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminate = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate())?
    };
    Ok(async move {
        #[cfg(unix)]
        let terminated = async {
            terminate.recv().await;
        };
        #[cfg(not(unix))]
        let terminated = std::future::pending::<()>();
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = terminated => {}
        }
    })
}
