//! Where fuzzing starts: the smallest inputs that reached everything that earlier runs and
//! the conformance vectors reached, and every input that ever failed.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What a target does with an input. It panics if something is wrong.
pub type Check = fn(&[u8]);

/// The targets.
pub const TARGETS: [(&str, Check); 4] = [
    ("headers", crate::headers::check),
    ("event", crate::event::check),
    ("verdict", crate::verdict::check),
    ("reserialize", crate::reserialize::check),
];

/// The seeds of a target: one input per line of its file, in Base64, and the inputs that
/// core's own tests run through everything.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(file(target)).expect("each target has seeds");
    let seeds = text
        .lines()
        .map(|line| STANDARD.decode(line).expect("it is Base64"));
    let regressions =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../nano-webhook-core/tests/regressions");
    seeds.chain(read(&regressions)).collect()
}

/// Replaces the file of a target.
pub fn keep(target: &str, inputs: impl Iterator<Item = Vec<u8>>) -> std::io::Result<()> {
    let mut lines: Vec<String> = inputs.map(|input| STANDARD.encode(input) + "\n").collect();
    lines.sort();
    fs::write(file(target), lines.concat())
}

/// The contents of a directory's files.
pub fn read(directory: &Path) -> impl Iterator<Item = Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{directory:?}: {error}"));
    entries.map(|entry| fs::read(entry.expect("it is there").path()).expect("it is a file"))
}

fn file(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("seeds/{target}.txt"))
}
