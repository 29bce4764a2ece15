use std::net::SocketAddr;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use receiver_settings::BoxError;
use tokio::sync::watch;

/// Never the address of the webhook: metrics are not for the internet.
pub(crate) fn addr() -> Result<SocketAddr, BoxError> {
    let addr = std::env::var("NANO_WEBHOOK_ADMIN_ADDR");
    let addr = addr.unwrap_or_else(|_| "127.0.0.1:9464".to_owned());
    Ok(addr
        .parse()
        .map_err(|_| "NANO_WEBHOOK_ADMIN_ADDR is not an address and a port")?)
}

/// Metrics, liveness and readiness.
pub(crate) fn routes(metrics: PrometheusHandle, ready: watch::Receiver<bool>) -> Router {
    let render = async move || {
        let content_type = "text/plain; version=0.0.4";
        ([(header::CONTENT_TYPE, content_type)], metrics.render())
    };
    let readiness = async move || match *ready.borrow() {
        true => (StatusCode::OK, "ready\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n"),
    };
    Router::new()
        .route("/metrics", get(render))
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(readiness))
}
