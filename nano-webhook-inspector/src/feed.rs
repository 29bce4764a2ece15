use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};
use nano_webhook_core::UnixTime;
use serde::Deserialize;
use serde_json::json;

use crate::inspector::Inspector;
use crate::record::Record;

/// So many deliveries are written at once.
const BATCH: usize = 64;

/// A line that says nothing keeps the connection from looking dead.
const HEARTBEAT: Duration = Duration::from_secs(15);

#[derive(Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    after: String,
}

/// The stream of deliveries as server-sent events: what has changed after `after`, then
/// each change as it happens. It reads from the store at the pace of its reader, so a
/// slow reader holds no copies.
pub(crate) async fn feed(
    State(inspector): State<Inspector>,
    Query(After { after }): Query<After>,
) -> Response {
    let changed = inspector.0.store.changed.subscribe();
    let cursor = (after.split_once('-'))
        .filter(|(session, _)| *session == inspector.0.session)
        .and_then(|(_, change)| change.parse().ok())
        .unwrap_or_default();
    let hello = stream::once(std::future::ready(hello(&inspector)));
    let start = (inspector, changed, cursor);
    let messages = stream::unfold(start, async |(inspector, mut changed, cursor)| {
        loop {
            changed.mark_unchanged();
            let batch = inspector.0.store.changes(cursor, BATCH);
            if let Some((last, _)) = batch.last() {
                let (text, last) = (messages(&inspector.0.session, &batch), *last);
                return Some((text, (inspector, changed, last)));
            }
            match tokio::time::timeout(HEARTBEAT, changed.changed()).await {
                Ok(Ok(())) => {}
                // The sender lives in the inspector.
                Ok(Err(_)) => return None,
                Err(_) => return Some((":\n\n".to_owned(), (inspector, changed, cursor))),
            }
        }
    });
    let chunks = hello.chain(messages).map(Ok::<_, Infallible>);
    let body = Body::from_stream(chunks);
    ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
}

fn hello(Inspector(shared): &Inspector) -> String {
    let tools = shared.tools.as_ref();
    let data = json!({
        "session": shared.session,
        "kept_from": shared.store.kept_from(),
        "now": UnixTime::now().as_millis(),
        "capabilities": {
            "simulator": tools.is_some_and(|tools| tools.has_simulator()),
            "send_to": tools.map(|_| &shared.receiver),
        },
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
