//! A webhook receiver that can be watched: metrics for Prometheus and health checks on
//! a listener of their own, and traces over OTLP.

mod admin;
mod telemetry;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use nano_webhook_axum::{Webhook, WebhookLayer};
use receiver_settings::{BoxError, SHUTDOWN_DEADLINE, Settings, print, shutdown_signal};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// After a signal, requests are still accepted for this long, until a load balancer
/// has seen that the receiver is not ready.
const UNREADY: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), BoxError> {
    let traces = telemetry::start()?;
    // Before the first delivery: handles bind to the recorder that is installed.
    let metrics = telemetry::record()?;
    let settings = Settings::from_env().await?;

    let (ready, readiness) = watch::channel(true);
    let admin = TcpListener::bind(admin::addr()?).await?;
    let webhooks = TcpListener::bind(settings.addr).await?;
    let mut stdout = std::io::stdout();
    writeln!(
        stdout,
        "listening on http://{}/webhook",
        webhooks.local_addr()?
    )?;
    writeln!(stdout, "metrics on http://{}/metrics", admin.local_addr()?)?;
    let admin = axum::serve(admin, admin::routes(metrics, readiness)).into_future();
    tokio::spawn(admin);

    let layer = WebhookLayer::new(settings.verifier).dedupe(settings.dedupe.clone());
    let app = Router::new().route("/webhook", post(on_event).layer(layer));
    let signal = shutdown_signal()?;
    let (stopping, mut stopped) = watch::channel(());
    let server = axum::serve(webhooks, app).with_graceful_shutdown(async move {
        signal.await;
        let _ = ready.send(false);
        sleep(UNREADY).await;
        drop(stopping);
    });
    let deadline = async {
        let _ = stopped.changed().await;
        sleep(SHUTDOWN_DEADLINE.saturating_sub(UNREADY)).await;
    };
    tokio::select! {
        served = server.into_future() => served?,
        () = deadline => tracing::warn!("the deadline has passed; open connections are cut off"),
    }
    let _ = timeout(Duration::from_secs(1), settings.dedupe.drained()).await;
    telemetry::finish(traces);
    Ok(())
}

async fn on_event(Webhook(event): Webhook) -> StatusCode {
    match print(&event) {
        Ok(()) => {
            // In the span of the delivery, so this line carries its fields.
            tracing::info!("the event was printed");
            StatusCode::OK
        }
        Err(error) => {
            tracing::error!(%error, "the event cannot be printed");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
