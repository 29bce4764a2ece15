use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use nano_webhook_axum::{Dedupe, Webhook};
use nano_webhook_test_kit::LogCapture;
use tower::ServiceExt as _;
use tracing::Instrument as _;

use crate::{BODY, layer, request};

/// Every line about a delivery carries its fields, and so does the span in which its
/// handler logs, below the span of the request.
#[tokio::test]
async fn the_log_lines_of_a_delivery_can_be_joined() {
    let (log, _guard) = LogCapture::of_this_thread();
    let handler = async |Webhook(event): Webhook| {
        tracing::info!("in the handler");
        match event.name() {
            "job.failed" => StatusCode::OK,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    };
    let unknown = r#"{"event":"job.paused","task_id":"task_1"}"#;
    let app = |layer| Router::new().route("/webhook", post(handler).layer(layer));
    let once = app(layer().dedupe(Dedupe::in_memory()));
    let _ = log.take();

    #[rustfmt::skip]
    let rows = [
        (&once, BODY, &["delivery_id=", "attempt=1"] as &[_], "attempt=1 outcome=\"completed\""),
        (&once, BODY, &[], "outcome=\"duplicate\""),
        (&once, unknown, &["attempt=1"], "attempt=1 outcome=\"released\""),
        (&once, unknown, &["attempt=2"], "attempt=2 outcome=\"released\""),
        (&app(layer()), BODY, &["messaging.message.body.size=59"], ""),
    ];
    for (app, body, span, outcome) in rows {
        let answer = app.clone().oneshot(request(body));
        let http = tracing::info_span!("http");
        answer.instrument(http).await.unwrap();
        let text = log.take();
        let (in_handler, about): (Vec<_>, Vec<_>) =
            (text.lines()).partition(|line| line.ends_with("in the handler"));
        let task = r#"task_id="task_1""#;
        assert_eq!(in_handler.len(), usize::from(!span.is_empty()));
        for line in in_handler {
            for field in ["http:delivery{event=", task].iter().chain(span) {
                assert!(line.contains(field), "{field} in {line}");
            }
        }
        assert_eq!(about.len(), usize::from(!outcome.is_empty()), "{text}");
        for line in about {
            let (_, own) = line.rsplit_once("}: ").unwrap();
            for field in ["event=\"job.", task, "delivery_id=", outcome] {
                assert!(own.contains(field), "{field} in {own}");
            }
        }
    }
}
