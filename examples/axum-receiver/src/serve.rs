use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response_with_state;
use axum::response::Response;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use receiver_settings::{BoxError, Settings, Shutdown};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{timeout, timeout_at};

/// After an error of `accept` (too many open files, say), wait for some to close.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long, and how many bytes, the rest of a rejected body is read, so that its
/// sender gets the answer.
const LINGER: (Duration, u64) = (Duration::from_secs(1), 8 * 1024 * 1024);

/// Serves until the shutdown has begun, then finishes the deliveries in flight.
///
/// `axum::serve` leaves three things out that a receiver needs: a time limit for
/// request heads, the answer to a client that has closed its sending side, and the
/// answer to a rejected body that is larger than a socket's buffers.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    settings: Settings,
) -> Result<(), BoxError> {
    let Settings {
        dedupe,
        idle_timeout,
        shutdown,
        ..
    } = settings;
    let mut begun = pin!(shutdown.begun()?);
    let app = app.layer(map_response_with_state(shutdown, last_on_its_connection));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(idle_timeout)
        .half_close(true);
    let http = Arc::new(http);
    let (shut_down, shutting_down) = watch::channel(());
    let mut connections = JoinSet::new();

    let deadline = loop {
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
            deadline = &mut begun => break deadline,
        }
    };

    drop(listener);
    let _ = shut_down.send(());
    let finished = timeout_at(deadline, async {
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

/// While the receiver is not ready, clients open their next connection elsewhere. Idle
/// connections stay open until the end of the drain delay: a request may be on its way.
async fn last_on_its_connection(
    State(shutdown): State<Shutdown>,
    mut response: Response,
) -> Response {
    if !shutdown.is_ready() {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
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
