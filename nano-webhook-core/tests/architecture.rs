//! The invariants of ARCHITECTURE.md that a test can hold.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Which modules of core stand on which floor. A file imports only from floors
/// below its own, or from its own module.
const FLOORS: &[&[&str]] = &[
    &["header_field", "reserialize"],
    &["error"],
    &["answer", "secret", "timestamp"],
    &["head", "mac", "rules"],
    &["keyring", "signer"],
    &["event"],
    &["delivery"],
    &["metrics"],
    &["verification"],
    &["verifier"],
    &["dedupe"],
    &["adapter", "testing"],
];

#[test]
fn imports_go_down() {
    let floor_of: BTreeMap<&str, usize> = (FLOORS.iter().enumerate())
        .flat_map(|(floor, modules)| modules.iter().map(move |module| (*module, floor)))
        .collect();
    let mut unused = floor_of.clone();
    for (path, code) in sources("nano-webhook-core") {
        let module = path.split('/').next().unwrap().trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        let floor = *(floor_of.get(module)).unwrap_or_else(|| panic!("{path} has no floor"));
        unused.remove(module);
        for rest in code.split("crate::").skip(1) {
            let is_name = |c: char| c.is_alphanumeric() || c == '_';
            let imported = rest.split(|c| !is_name(c)).next().unwrap();
            let below = floor_of.get(imported).is_some_and(|below| *below < floor);
            assert!(
                imported == module || below,
                "{path} (floor {floor}) imports crate::{imported}"
            );
        }
    }
    assert!(unused.is_empty(), "floors without a file: {unused:?}");
}

#[test]
fn names_stay_in_their_files() {
    #[rustfmt::skip]
    let rules: &[(&str, &[&str])] = &[
        ("hmac::", &["mac.rs"]),
        ("sha2::", &["mac.rs"]),
        ("serde_json::", &["event/document.rs", "event/fields.rs", "reserialize.rs"]),
        ("SystemTime", &["timestamp.rs"]),
        ("getrandom::", &["dedupe/owner.rs"]),
        ("std::env", &["secret.rs"]),
        ("std::fs", &["secret.rs"]),
    ];
    let sources = sources("nano-webhook-core");
    for (name, allowed) in rules {
        let naming = sources.iter().filter(|(_, code)| code.contains(name));
        let found: Vec<&str> = naming.map(|(path, _)| path.as_str()).collect();
        assert_eq!(found, *allowed, "files that name {name}");
    }
}

#[test]
fn core_depends_on_no_framework() {
    let manifest = fs::read_to_string(root().join("nano-webhook-core/Cargo.toml")).unwrap();
    let (_, dependencies) = manifest.split_once("[dependencies]").unwrap();
    let (dependencies, _) = dependencies.split_once("[dev-dependencies]").unwrap();
    for line in dependencies.lines() {
        let framework = ["actix", "axum", "http", "hyper", "poem", "tokio", "tower"]
            .iter()
            .any(|framework| line.starts_with(framework));
        assert!(!framework || line.contains("optional = true"), "{line}");
    }
}

/// Adapters, stores and the client import core's façade, and never each other.
#[test]
fn crates_meet_only_in_core() {
    let outer = ["actix", "axum", "client", "poem", "redis", "sqlx"];
    for package in outer {
        for (path, code) in sources(&format!("nano-webhook-{package}")) {
            for other in outer.iter().chain(&["cli", "simulator"]) {
                assert!(
                    *other == package || !code.contains(&format!("nano_webhook_{other}::")),
                    "{package}/{path} imports {other}"
                );
            }
        }
    }
}

#[test]
fn every_package_takes_the_workspace_lints() {
    let manifests = files(&root(), "Cargo.toml");
    let (workspaces, packages): (Vec<_>, Vec<_>) =
        (manifests.iter()).partition(|(_, text)| text.contains("[workspace]"));
    assert!(packages.len() >= 9, "{} packages only", packages.len());
    for (path, text) in packages {
        assert!(text.contains("[lints]\nworkspace = true"), "{path}");
    }
    let forbids = r#"unsafe_code = "forbid""#;
    assert!((workspaces.iter()).any(|(path, text)| path == "Cargo.toml" && text.contains(forbids)));
}

/// In sources and in tests, comments and blank lines not counted.
#[test]
fn no_file_has_more_than_200_lines_of_code() {
    for (path, text) in files(&root(), ".rs") {
        let code = without_comments(&text);
        let lines = code.lines().filter(|line| !line.trim().is_empty()).count();
        assert!(lines <= 200, "{path} has {lines} lines of code");
    }
}

fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap().to_owned()
}

/// The files of a package's `src`, without comments.
fn sources(package: &str) -> Vec<(String, String)> {
    let files = files(&root().join(package).join("src"), ".rs");
    assert!(!files.is_empty(), "{package} has no sources");
    (files.into_iter())
        .map(|(path, text)| (path, without_comments(&text)))
        .collect()
}

fn without_comments(text: &str) -> String {
    let lines = text.lines();
    let code = lines.filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| [line, "\n"]).collect()
}

/// The files below a folder whose names end like this, by their path in it.
fn files(folder: &Path, ending: &str) -> Vec<(String, String)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir()
                && !name.starts_with('.')
                && !name.starts_with("target")
                && name != "node_modules"
            {
                folders.push(path);
            } else if path.is_file() && name.ends_with(ending) {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(folder).unwrap();
                found.push((path.to_str().unwrap().to_owned(), text));
            }
        }
    }
    found.sort();
    found
}
