//! The re-serialiser against what Node makes of the same bytes, and what bounds it.
//! `tests/hostile/tests/judge` compares generated documents.
#![cfg(feature = "reserialized")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, thread};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use nano_webhook_core::{ReserializeError, reserialize};
use serde::Deserialize;

/// A body, and what `conformance/judge/lib/stringify.mjs` says of it.
#[derive(Deserialize)]
struct Vector {
    name: String,
    verdict: String,
    input: String,
    /// The text that the documented snippet hashes, unless it is a known difference.
    output: Option<String>,
}

fn check(vectors: &[Vector]) {
    let decode = |text: &String| BASE64_STANDARD.decode(text).unwrap();
    let readable = |text: Vec<u8>| text.escape_ascii().to_string();
    for vector in vectors {
        let (name, verdict) = (&vector.name, &vector.verdict);
        let ours = reserialize(&decode(&vector.input), usize::MAX).ok();
        let expected = vector.output.as_ref().map(decode);
        assert_eq!(
            ours.map(readable),
            expected.map(readable),
            "{name}: {verdict}"
        );
    }
}

fn conformance(path: &str) -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.join("../conformance").join(path)
}

/// Cases by hand, expectations by Node.
#[test]
fn vectors_hold() {
    let file = fs::read(conformance("reserialize.json")).unwrap();
    let vectors: Vec<Vector> = serde_json::from_slice(&file).unwrap();
    assert!(vectors.len() > 150, "{} vectors", vectors.len());
    check(&vectors);
}

/// Every document of JSONTestSuite: to be accepted (`y_`), to be refused (`n_`), or either.
#[test]
fn the_suite_is_read_as_node_reads_it() {
    let node = Command::new("node")
        .arg(conformance("judge/suite.mjs"))
        .output();
    let output = node.expect("cannot run `node`: install Node 20 or later");
    assert!(
        output.status.success(),
        "JSONTestSuite is not installed: run `npm ci` in conformance/judge"
    );
    let vectors: Vec<Vector> = serde_json::from_slice(&output.stdout).unwrap();
    for (prefix, least) in [("y_", 95), ("n_", 185), ("i_", 30)] {
        let named = vectors.iter().filter(|it| it.name.starts_with(prefix));
        assert!(named.count() >= least, "too few named {prefix}");
    }
    check(&vectors);
}

#[test]
fn max_len_is_about_the_text_alone() {
    for (body, len) in [
        ("[ 1 , 2 ]", 5),
        ("1e20", 21),
        (r#"{"a":1e20,"a":1e20,"a":1}"#, 7),
        (r#"{"1":[1e20],"0":"\u00e9"}"#, 38),
        (r#""\u0001""#, 8),
    ] {
        let text = reserialize(body.as_bytes(), len).unwrap();
        assert_eq!(text.len(), len, "{body}");
        let shorter = reserialize(body.as_bytes(), len - 1);
        assert_eq!(shorter, Err(ReserializeError::TooLarge), "{body}");
    }
}

/// On a stack far smaller than any that a receiver runs on.
#[test]
fn the_depth_bounds_the_stack() {
    let small = thread::Builder::new().stack_size(256 * 1024);
    let ran = small.spawn(|| {
        for (open, close) in [("[", "]"), (r#"{"":"#, "}"), (r#"{"1":"#, r#","0":0}"#)] {
            for (depth, is_taken) in [(127, true), (128, false), (200_000, false)] {
                let body = format!("{}0{}", open.repeat(depth), close.repeat(depth));
                let taken = reserialize(body.as_bytes(), usize::MAX).is_ok();
                assert_eq!(taken, is_taken, "{open} {depth} times");
            }
        }
    });
    ran.unwrap().join().unwrap();
}
