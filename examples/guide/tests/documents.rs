//! What the documents name exists: files, sections and tests.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for target in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if target.starts_with("http") || target.contains(' ') {
                continue;
            }
            let (path, section) = target.split_once('#').unwrap_or((target, ""));
            let file = match path {
                "" => document.clone(),
                path => document.parent().unwrap().join(path),
            };
            if !file.exists() || !has_section(&file, section) {
                broken.push(format!("{}: {target}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// SECURITY.md names tests as `test` in `file`.
#[test]
fn named_tests_exist() {
    let text = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let mut missing = Vec::new();
    let mut named = 0;
    for (before, after) in text.match_indices("` in `").map(|(at, gap)| {
        let (before, after) = text.split_at(at);
        (before, after.strip_prefix(gap).unwrap())
    }) {
        let test = before.rsplit('`').next().unwrap();
        let file = after.split('`').next().unwrap();
        let source = fs::read_to_string(root().join(file)).unwrap_or_default();
        if !source.contains(&format!("fn {test}(")) {
            missing.push(format!("{test} in {file}"));
        }
        named += 1;
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(named > 20, "only {named} tests are named");
}

/// In the summary, and in `src/lib.rs` if it has Rust code.
#[test]
fn every_page_of_the_guide_is_listed() {
    let guide = root().join("docs/guide");
    let summary = fs::read_to_string(guide.join("SUMMARY.md")).unwrap();
    let compiled = include_str!("../src/lib.rs");
    for entry in fs::read_dir(guide).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            continue;
        }
        assert!(name == "SUMMARY.md" || summary.contains(name), "{name}");
        let has_code = fs::read_to_string(&path).unwrap().contains("```rust");
        assert!(!has_code || compiled.contains(name), "{name}");
    }
}

fn documents() -> Vec<PathBuf> {
    [".", "docs/guide"]
        .into_iter()
        .flat_map(|folder| fs::read_dir(root().join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            matches!(extension, Some("md" | "txt"))
        })
        .collect()
}

/// Sections have the names that GitHub gives them.
fn has_section(file: &Path, section: &str) -> bool {
    if section.is_empty() {
        return true;
    }
    let text = fs::read_to_string(file).unwrap_or_default();
    let sections: BTreeSet<String> = text
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title
                .chars()
                .filter(|char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '_'));
            kept.map(|char| if char == ' ' { '-' } else { char })
                .collect()
        })
        .collect();
    sections.contains(section)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
