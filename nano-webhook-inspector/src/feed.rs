use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use nano_webhook_core::UnixTime;
use serde_json::json;

use crate::inspector::Inspector;
use crate::record::Record;

/// So many deliveries are written at once.
const BATCH: usize = 64;

/// A line that says nothing keeps the connection from looking dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The stream of deliveries as server-sent events: what has changed after `after`, then
/// each change as it happens. It reads from the store at the pace of its reader, so a
/// slow reader holds no copies.
pub(crate) fn feed(inspector: Inspector, after: &str) -> Response {
    let mut changed = inspector.store().watch();
    changed.mark_unchanged();
    let cursor = (after.split_once('-'))
        .filter(|(session, _)| *session == inspector.session())
        .and_then(|(_, change)| change.parse().ok())
        .unwrap_or_default();
    let start = (inspector, changed, cursor, true);
    let messages = stream::unfold(start, async |(inspector, mut changed, cursor, is_first)| {
        if is_first {
            let text = hello(&inspector);
            return Some((text, (inspector, changed, cursor, false)));
        }
        loop {
            changed.mark_unchanged();
            let batch = inspector.store().changes(cursor, BATCH);
            if let Some((last, _)) = batch.last() {
                let (text, last) = (messages(inspector.session(), &batch), *last);
                return Some((text, (inspector, changed, last, false)));
            }
            match tokio::time::timeout(HEARTBEAT, changed.changed()).await {
                Ok(Ok(())) => {}
                // The sender lives in the inspector.
                Ok(Err(_)) => return None,
                Err(_) => return Some((":\n\n".to_owned(), (inspector, changed, cursor, false))),
            }
        }
    });
    let chunks =
        futures_util::StreamExt::map(messages, |text| Ok::<_, Infallible>(Bytes::from(text)));
    let mut response = Response::new(Body::from_stream(chunks));
    let events = HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert(header::CONTENT_TYPE, events);
    response
}

fn hello(inspector: &Inspector) -> String {
    let data = json!({
        "session": inspector.session(),
        "kept_from": inspector.store().kept_from(),
        "now": UnixTime::now().as_millis(),
        "capabilities": inspector.capabilities(),
    });
    format!("event: hello\ndata: {data}\n\n")
}

fn messages(session: &str, batch: &[(u64, Arc<Record>)]) -> String {
    let mut text = String::new();
    for (change, record) in batch {
        let data = record.summary();
        let _ = write!(
            text,
            "id: {session}-{change}\nevent: delivery\ndata: {data}\n\n"
        );
    }
    text
}
