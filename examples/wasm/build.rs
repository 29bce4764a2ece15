//! Embeds the vectors: WebAssembly without a host has no files.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "how a build script talks and fails"
)]

use std::path::Path;
use std::{env, fs};

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/vectors");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let embedded: String = files
        .iter()
        .map(|path| format!("include_str!({path:?}),"))
        .collect();
    let target = Path::new(&env::var("OUT_DIR").unwrap()).join("vectors.rs");
    fs::write(target, format!("[{embedded}]")).unwrap();
}
