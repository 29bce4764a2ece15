//! `conformance/reserialize.json`: cases by hand, expectations by Node.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use crate::compare;
use crate::judge::{Verdict, conformance};

#[derive(Deserialize)]
struct Vector {
    name: String,
    verdict: String,
    input: String,
    output: Option<String>,
}

#[test]
fn vectors_hold() {
    let file = std::fs::read(conformance("reserialize.json")).unwrap();
    let vectors: Vec<Vector> = serde_json::from_slice(&file).unwrap();
    assert!(vectors.len() > 150, "{} vectors", vectors.len());
    let failures: Vec<String> = vectors
        .iter()
        .filter_map(|vector| {
            let input = BASE64_STANDARD.decode(&vector.input).unwrap();
            let verdict = Verdict::new(&vector.verdict, vector.output.as_deref());
            let failure = compare(&input, &verdict).err()?;
            Some(format!("{}\n{failure}", vector.name))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
