mod har;
mod vector;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::record::Record;
use crate::view;

/// How deliveries are exported.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// HTTP Archive 1.2.
    Har,
    /// Vectors of this repository: `conformance/README.md`.
    Vectors,
    /// The details of one delivery a line.
    Ndjson,
}

impl Format {
    /// The name of the file, and its type.
    pub(crate) fn file(self) -> (&'static str, &'static str) {
        match self {
            Self::Har => ("deliveries.har", "application/json"),
            Self::Vectors => ("deliveries.json", "application/json"),
            Self::Ndjson => ("deliveries.ndjson", "application/x-ndjson"),
        }
    }
}

pub(crate) fn text(format: Format, records: &[Arc<Record>], receiver: &str) -> String {
    match format {
        Format::Har => har::archive(records, receiver).to_string(),
        Format::Vectors => {
            let vectors = records.iter().filter_map(|record| vector::vector(record));
            format!("[\n{}\n]\n", lines(vectors, ",\n"))
        }
        Format::Ndjson => {
            let details = records.iter().map(|record| view::detail(record, receiver));
            format!("{}\n", lines(details, "\n"))
        }
    }
}

fn lines(values: impl Iterator<Item = impl Serialize>, between: &str) -> String {
    let lines = values.filter_map(|value| serde_json::to_string(&value).ok());
    lines.collect::<Vec<_>>().join(between)
}
