use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use receiver_settings::Shutdown;

/// Liveness and readiness. Readiness does not ask the store: if that fails, all replicas
/// are affected, and 503 from a receiver is better than no receiver.
pub(crate) fn routes(shutdown: Shutdown) -> Router {
    let readiness = async move || match shutdown.is_ready() {
        true => (StatusCode::OK, "ready\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n"),
    };
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(readiness))
}
