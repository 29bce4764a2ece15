use std::io::IsTerminal as _;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use nano_webhook_axum::metrics;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::trace::SdkTracerProvider;
use receiver_settings::BoxError;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

const UP_TO_A_MINUTE: &[f64] = &[
    1e-4, 1e-3, 5e-3, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0,
];

/// The bounds of histograms.
const BUCKETS: [(&str, &[f64]); 5] = [
    (
        "nano_webhook_age_seconds",
        &[0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 240.0, 300.0],
    ),
    (
        "nano_webhook_body_size_bytes",
        &[256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262_144.0],
    ),
    (
        "nano_webhook_verification_duration_seconds",
        &[2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 1e-3, 1e-2],
    ),
    ("nano_webhook_claim_duration_seconds", UP_TO_A_MINUTE),
    ("nano_webhook_handler_duration_seconds", UP_TO_A_MINUTE),
];

/// How often the exporter folds recorded values into histograms, whether or not it is
/// scraped.
const UPKEEP: Duration = Duration::from_secs(5);

/// Logs to standard error, and traces to the collector that
/// `OTEL_EXPORTER_OTLP_ENDPOINT` names, if it names one.
pub(crate) fn start() -> Result<Option<SdkTracerProvider>, BoxError> {
    let traces = match std::env::var_os("OTEL_EXPORTER_OTLP_ENDPOINT") {
        None => None,
        Some(_) => {
            let exporter = SpanExporter::builder().with_http().build()?;
            Some(
                SdkTracerProvider::builder()
                    .with_batch_exporter(exporter)
                    .build(),
            )
        }
    };
    let spans = (traces.as_ref())
        .map(|traces| tracing_opentelemetry::layer().with_tracer(traces.tracer("nano-webhook")));
    let logs = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    tracing_subscriber::registry()
        .with(EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .with(spans)
        .with(logs)
        .try_init()?;
    Ok(traces)
}

/// Installs the recorder, and registers every series at zero.
pub(crate) fn record() -> Result<PrometheusHandle, BoxError> {
    let mut builder = PrometheusBuilder::new();
    for (name, bounds) in BUCKETS {
        builder = builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), bounds)?;
    }
    let handle = builder.install_recorder()?;
    metrics::register();
    let upkeep = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}

/// Sends what is not sent yet.
pub(crate) fn finish(traces: Option<SdkTracerProvider>) {
    if let Some(Err(error)) = traces.map(|traces| traces.shutdown()) {
        tracing::warn!(%error, "the last traces were not sent");
    }
}
