//! A webhook receiver that can be watched: metrics for Prometheus and health checks on
//! a listener of their own, and traces over OTLP.

#[path = "../../axum-receiver/src/health.rs"]
mod health;
#[path = "../../axum-receiver/src/serve.rs"]
mod serve;
mod telemetry;

use std::io::Write as _;
use std::process::ExitCode;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::{get, post};
use metrics_exporter_prometheus::PrometheusHandle;
use nano_webhook_axum::{Webhook, WebhookLayer};
use receiver_settings::{BoxError, Settings, print};

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

    let layer = WebhookLayer::new(settings.verifier.clone()).dedupe(settings.dedupe.clone());
    let app = Router::new().route("/webhook", post(on_event).layer(layer));

    let admin = settings.listen_admin().await?;
    let webhooks = settings.listen().await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "health on http://{}/readyz", admin.local_addr()?)?;
    let address = webhooks.local_addr()?;
    writeln!(stdout, "listening on http://{address}/webhook")?;
    // Never on the listener of the webhook: metrics are not for the internet.
    let routes = health::routes(settings.shutdown.clone()).merge(metrics_route(metrics));
    tokio::spawn(axum::serve(admin, routes).into_future());
    serve::serve(webhooks, app, settings).await?;
    telemetry::finish(traces);
    Ok(())
}

fn metrics_route(metrics: PrometheusHandle) -> Router {
    let render = async move || {
        let content_type = "text/plain; version=0.0.4";
        ([(header::CONTENT_TYPE, content_type)], metrics.render())
    };
    Router::new().route("/metrics", get(render))
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
