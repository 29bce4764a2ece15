//! The public types that can be printed, read from the sources of the libraries, so
//! that none is forgotten here when it is added there.

use std::fs;
use std::path::{Path, PathBuf};

const CRATES: [&str; 6] = [
    "nano-webhook-core",
    "nano-webhook-axum",
    "nano-webhook-actix",
    "nano-webhook-client",
    "nano-webhook-redis",
    "nano-webhook-simulator",
];

/// The acceptance tests for stores, which are given no secret.
const NEVER: [&str; 5] = ["Acceptance", "Violation", "Step", "Call", "Pace"];

/// Each with the name of its crate as a path has it.
pub(crate) fn printable() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for krate in CRATES {
        let root: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", krate, "src"]
            .iter()
            .collect();
        let mut sources = Vec::new();
        read(&root, &mut sources);
        let by_hand = |name: &str| {
            let impls = [format!("Debug for {name} "), format!("Debug for {name}<")];
            let mut all = sources.iter();
            all.any(|source| impls.iter().any(|impl_| source.contains(impl_)))
        };
        for source in &sources {
            let mut derived = false;
            for line in source.lines() {
                derived |= line.starts_with("#[derive(") && line.contains("Debug");
                let Some(name) = public_type(line) else {
                    // Attributes and comments stand between a derive and its type.
                    derived &= line.starts_with("#[") || line.starts_with("//");
                    continue;
                };
                if (derived || by_hand(name)) && !NEVER.contains(&name) {
                    found.push((krate.replace('-', "_"), name.to_owned()));
                }
                derived = false;
            }
        }
    }
    found
}

fn public_type(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("pub ")?;
    let rest = rest
        .strip_prefix("struct ")
        .or_else(|| rest.strip_prefix("enum "))?;
    rest.split(|char: char| !(char.is_alphanumeric() || char == '_'))
        .next()
}

fn read(path: &Path, sources: &mut Vec<String>) {
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(fs::read_to_string(path).unwrap());
        }
    }
}
