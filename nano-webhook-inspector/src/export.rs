mod har;
mod vector;

use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};

use crate::inspector::Inspector;
use crate::routes::attachment;
use crate::view;

#[derive(Deserialize)]
pub(crate) struct ExportRequest {
    format: Format,
    ids: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    /// HTTP Archive 1.2.
    Har,
    /// Vectors of this repository: `conformance/README.md`.
    Vectors,
    /// The details of one delivery a line.
    Ndjson,
}

pub(crate) async fn export(
    State(Inspector(shared)): State<Inspector>,
    Query(request): Query<ExportRequest>,
) -> Response {
    let mut records = shared.store.all();
    // What the page shows may be gone by now.
    if let Some(ids) = &request.ids {
        records.retain(|record| ids.split(',').any(|id| id.parse() == Ok(record.id)));
    }
    let receiver = &shared.receiver;
    let (extension, content_type, text) = match request.format {
        Format::Har => {
            let archive = har::archive(&records, receiver);
            ("har", "application/json", archive.to_string())
        }
        Format::Vectors => {
            let vectors = records.iter().filter_map(|record| vector::vector(record));
            let text = format!("[\n{}\n]\n", lines(vectors, ",\n"));
            ("json", "application/json", text)
        }
        Format::Ndjson => {
            let details = records.iter().map(|record| view::detail(record, receiver));
            let text = format!("{}\n", lines(details, "\n"));
            ("ndjson", "application/x-ndjson", text)
        }
    };
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        attachment(&format!("deliveries.{extension}")),
    ];
    (headers, text).into_response()
}

fn lines(values: impl Iterator<Item = impl Serialize>, between: &str) -> String {
    let lines = values.filter_map(|value| serde_json::to_string(&value).ok());
    lines.collect::<Vec<_>>().join(between)
}
