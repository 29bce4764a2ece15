use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use nano_webhook_axum::core::dedupe::InFlight;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::BoxError;

/// A client has this long to send its request head. `axum::serve` sets no such
/// limit, and a connection that never says anything would stay for ever.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// After a signal, what is being handled has this long to finish.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(30);

/// After an error of `accept` (too many open files, say), wait for some to close.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until a signal comes, then finishes what was begun.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    in_flight: InFlight,
) -> Result<(), BoxError> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT);
    let connections = GracefulShutdown::new();
    let mut signal = std::pin::pin!(shutdown_signal()?);

    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
            () = &mut signal => break,
        };
        let service = TowerToHyperService::new(app.clone());
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended with an error");
            }
        });
    }

    tracing::info!("shutting down: finishing what was begun");
    drop(listener);
    let finished = timeout(SHUTDOWN_DEADLINE, async {
        connections.shutdown().await;
        in_flight.drained().await;
    });
    if finished.await.is_err() {
        tracing::warn!(
            cut_off = in_flight.count(),
            "the deadline has passed; what is cut off is handled again when its lease has run out"
        );
    }
    Ok(())
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
