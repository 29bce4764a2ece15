use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use nano_webhook_axum::Dedupe;
use receiver_settings::{BoxError, SHUTDOWN_DEADLINE, shutdown_signal};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// After an error of `accept` (too many open files, say), wait for some to close.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long, and how many bytes, the rest of a rejected body is read, so that its
/// sender gets the answer.
const LINGER: (Duration, u64) = (Duration::from_secs(1), 8 * 1024 * 1024);

/// Serves until a signal comes, then finishes the deliveries in flight.
///
/// `axum::serve` leaves three things out that a receiver needs: a time limit for
/// request heads, the answer to a client that has closed its sending side, and the
/// answer to a rejected body that is larger than a socket's buffers.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    dedupe: Dedupe,
    idle_timeout: Duration,
) -> Result<(), BoxError> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(idle_timeout)
        .half_close(true);
    let http = Arc::new(http);
    let (shut_down, shutting_down) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut signal = pin!(shutdown_signal()?);

    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let (http, app) = (Arc::clone(&http), app.clone());
                    connections.spawn(connection(http, stream, app, shutting_down.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection cannot be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
            () = &mut signal => break,
        }
    }

    tracing::info!("shutting down: finishing the deliveries in flight");
    drop(listener);
    let _ = shut_down.send(());
    let finished = timeout(SHUTDOWN_DEADLINE, async {
        while connections.join_next().await.is_some() {}
        dedupe.drained().await;
    });
    if finished.await.is_err() {
        tracing::warn!(
            cut_off = dedupe.in_flight(),
            "the deadline has passed; deliveries that are cut off are handled again after their leases"
        );
    }
    Ok(())
}

async fn connection(
    http: Arc<http1::Builder>,
    stream: TcpStream,
    app: Router,
    mut shutting_down: watch::Receiver<()>,
) {
    let service = TowerToHyperService::new(app);
    let mut connection = http.serve_connection(TokioIo::new(stream), service);
    let ended = tokio::select! {
        ended = poll_fn(|context| connection.poll_without_shutdown(context)) => ended,
        _ = shutting_down.changed() => {
            Pin::new(&mut connection).graceful_shutdown();
            poll_fn(|context| connection.poll_without_shutdown(context)).await
        }
    };
    match ended {
        Ok(()) => linger(connection.into_parts().io.into_inner()).await,
        Err(error) => tracing::debug!(%error, "a connection ended with an error"),
    }
}

/// Closes a connection so that its last answer arrives: a socket that is closed with
/// unread bytes is reset, and the reset overtakes the answer.
async fn linger(mut stream: TcpStream) {
    let (longest, most) = LINGER;
    if stream.shutdown().await.is_ok() {
        let mut rest = stream.take(most);
        let mut sink = tokio::io::sink();
        let _ = timeout(longest, tokio::io::copy(&mut rest, &mut sink)).await;
    }
}
