//! A webhook receiver on hyper. `on_event` is what you would replace.

use std::convert::Infallible;
use std::io::Write as _;
use std::pin::pin;
use std::process::ExitCode;

use hyper::service::service_fn;
use hyper::{Request, StatusCode, body::Incoming};
use hyper_receiver::{Adapter, Reply};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use nano_webhook_core::Delivery;
use receiver_settings::{BoxError, Settings, print};
use tokio::time::timeout_at;

#[tokio::main]
async fn main() -> ExitCode {
    receiver_settings::run(run()).await
}

async fn run() -> Result<(), BoxError> {
    let settings = Settings::from_env().await?;
    let listener = settings.listen().await?;
    let dedupe = settings.dedupe;
    let adapter = Adapter {
        verifier: settings.verifier,
        dedupe: Some(dedupe.clone()),
    };
    let address = listener.local_addr()?;
    writeln!(std::io::stdout(), "listening on http://{address}/webhook")?;

    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(settings.idle_timeout)
        .half_close(true);
    let connections = GracefulShutdown::new();
    let mut begun = pin!(settings.shutdown.begun()?);
    let deadline = loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted?.0,
            deadline = &mut begun => break deadline,
        };
        let adapter = adapter.clone();
        let service = service_fn(move |request| route(adapter.clone(), request));
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection.into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error, "a connection ended with an error");
            }
        });
    };
    let finished = async {
        connections.shutdown().await;
        dedupe.drained().await;
    };
    let _ = timeout_at(deadline, finished).await;
    Ok(())
}

async fn route(adapter: Adapter, request: Request<Incoming>) -> Result<Reply, Infallible> {
    Ok(match request.uri().path() {
        "/webhook" => adapter.answer(request, on_event).await,
        _ => with_status(StatusCode::NOT_FOUND),
    })
}

async fn on_event(delivery: Delivery) -> Reply {
    match print(delivery.event()) {
        Ok(()) => with_status(StatusCode::OK),
        Err(error) => {
            tracing::error!(%error, "a delivery cannot be written; it is released");
            with_status(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

fn with_status(status: StatusCode) -> Reply {
    let mut reply = Reply::default();
    *reply.status_mut() = status;
    reply
}
