//! The invariants of ARCHITECTURE.md that a test can hold.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
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
    let floor_of: BTreeMap<&str, usize> = FLOORS
        .iter()
        .enumerate()
        .flat_map(|(floor, modules)| modules.iter().map(move |module| (*module, floor)))
        .collect();
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for (path, code) in sources("nano-webhook-core") {
        let module = top_module(&path);
        if module == "lib" {
            continue;
        }
        let floor = *floor_of
            .get(module.as_str())
            .unwrap_or_else(|| panic!("{path}: give the module {module} a floor"));
        for imported in crate_paths(&code) {
            // Re-exported at the root; its home is the module of that name.
            let target = if imported == module {
                continue;
            } else {
                floor_of.get(imported.as_str())
            };
            match target {
                Some(below) if *below < floor => {}
                _ => wrong.push(format!("{path} (floor {floor}) imports crate::{imported}")),
            }
        }
        seen.insert(module);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (module, _) in floor_of {
        assert!(seen.contains(module), "{module} has a floor but no file");
    }
}

/// What may be named where.
#[test]
fn names_stay_in_their_files() {
    let rules: &[(&str, &[&str])] = &[
        ("hmac::", &["mac.rs"]),
        ("sha2::", &["mac.rs"]),
        (
            "serde_json::",
            &["event/document.rs", "event/fields.rs", "reserialize.rs"],
        ),
        ("SystemTime", &["timestamp.rs"]),
        ("getrandom::", &["dedupe/owner.rs"]),
        ("std::env", &["secret.rs"]),
        ("std::fs", &["secret.rs"]),
    ];
    for (name, allowed) in rules {
        let found: Vec<String> = sources("nano-webhook-core")
            .into_iter()
            .filter(|(_, code)| code.contains(name))
            .map(|(path, _)| path)
            .collect();
        assert_eq!(found, *allowed, "files that name {name}");
    }
}

#[test]
fn core_depends_on_no_framework() {
    let manifest = fs::read_to_string(root().join("nano-webhook-core/Cargo.toml")).unwrap();
    let dependencies = manifest
        .split("[dev-dependencies]")
        .next()
        .unwrap()
        .split("[dependencies]")
        .nth(1)
        .unwrap();
    for framework in ["actix", "axum", "http", "hyper", "tokio", "tower"] {
        assert!(
            !dependencies
                .lines()
                .any(|line| line.starts_with(framework) && !line.contains("optional = true")),
            "core depends on {framework}"
        );
    }
}

/// Adapters, stores and the client import core's façade, and never each other.
#[test]
fn crates_meet_only_in_core() {
    for package in [
        "nano-webhook-actix",
        "nano-webhook-axum",
        "nano-webhook-client",
        "nano-webhook-redis",
    ] {
        for (path, code) in sources(package) {
            for other in ["actix", "axum", "cli", "client", "redis", "simulator"] {
                let other_crate = format!("nano_webhook_{other}::");
                let own = package.ends_with(&format!("-{other}"));
                assert!(
                    own || !code.contains(&other_crate),
                    "{package}/{path} imports {other_crate}"
                );
            }
        }
    }
}

#[test]
fn every_package_takes_the_workspace_lints() {
    let mut packages = vec![root().join("conformance")];
    for folder in [root(), root().join("examples")] {
        packages.extend(
            fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().path()),
        );
    }
    let mut checked = 0;
    for manifest in packages.iter().map(|folder| folder.join("Cargo.toml")) {
        let Ok(text) = fs::read_to_string(&manifest) else {
            continue;
        };
        if text.contains("[workspace]") {
            continue;
        }
        assert!(
            text.contains("[lints]\nworkspace = true"),
            "{}",
            manifest.display()
        );
        checked += 1;
    }
    assert!(checked >= 9, "looked at {checked} packages only");
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(workspace.contains(r#"unsafe_code = "forbid""#));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// The files below a package's `src`, by their path in it, without comments.
fn sources(package: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => walk(&path, files),
                false => files.push(path),
            }
        }
    }
    let src = root().join(package).join("src");
    let mut files = Vec::new();
    walk(&src, &mut files);
    files.sort();
    assert!(!files.is_empty(), "{package} has no sources");
    files
        .into_iter()
        .map(|path| {
            let code: String = fs::read_to_string(&path)
                .unwrap()
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .flat_map(|line| [line, "\n"])
                .collect();
            let name = path
                .strip_prefix(&src)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            (name, code)
        })
        .collect()
}

fn top_module(path: &str) -> String {
    path.split('/')
        .next()
        .unwrap()
        .trim_end_matches(".rs")
        .to_owned()
}

/// The first segment of every `crate::` path.
fn crate_paths(code: &str) -> Vec<String> {
    code.split("crate::")
        .skip(1)
        .map(|rest| {
            rest.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        })
        .collect()
}
