//! Where fuzzing starts: the conformance vectors, what earlier runs found worth
//! keeping, and every input that ever failed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use nano_webhook_test_kit::oracle::mac;
use crate::request::{BOUNDS, Clock, NAMES, Request, Signed, Value};

/// What a target does with an input. It panics if something is wrong.
pub type Check = fn(&[u8]);

/// The targets.
pub const TARGETS: [(&str, Check); 4] = [
    ("headers", crate::headers::check),
    ("event", crate::event::check),
    ("verdict", crate::verdict::check),
    ("reserialize", crate::reserialize::check),
];

/// Longer inputs are slow, and say nothing that shorter ones do not.
const MAX_LEN: usize = 4096;

/// How many bytes are kept for each target.
pub const MAX_KEPT: usize = 48_000;

/// The seeds of a target.
pub fn of(target: &str) -> BTreeSet<Vec<u8>> {
    let mut seeds = others(target);
    seeds.extend(kept(target));
    seeds
}

/// All but what earlier runs found worth keeping.
fn others(target: &str) -> BTreeSet<Vec<u8>> {
    let vectors = vectors();
    let mut seeds: BTreeSet<Vec<u8>> = match target {
        "headers" | "verdict" => vectors.iter().filter_map(Vector::encode).collect(),
        _ => vectors.iter().map(Vector::body).collect(),
    };
    if target == "reserialize" {
        let cases: Vec<Case> = read_json(&repository().join("conformance/reserialize.json"));
        seeds.extend(cases.iter().map(|case| decode(&case.input)));
    }
    seeds.extend(regressions());
    seeds.retain(|seed| seed.len() <= MAX_LEN);
    seeds
}

/// What earlier runs found worth keeping: one input per line, in Base64.
pub fn kept(target: &str) -> Vec<Vec<u8>> {
    read(&kept_file(target)).lines().map(decode).collect()
}

/// Replaces what is kept by the shortest of these that are not seeds anyway.
pub fn keep(target: &str, mut inputs: Vec<Vec<u8>>) -> std::io::Result<()> {
    let others = others(target);
    inputs.retain(|input| !others.contains(input));
    inputs.sort_by_key(Vec::len);
    let mut room = MAX_KEPT;
    let shortest = inputs.into_iter().take_while(|input| {
        let fits = input.len() <= room;
        room = room.saturating_sub(input.len());
        fits
    });
    let lines: BTreeSet<String> = shortest
        .map(|input| STANDARD.encode(input) + "\n")
        .collect();
    fs::write(kept_file(target), String::from_iter(lines))
}

/// The inputs that core's own tests run through everything.
pub fn regressions() -> Vec<Vec<u8>> {
    let directory = repository().join("nano-webhook-core/tests/regressions");
    files(&directory)
        .iter()
        .map(|path| fs::read(path).expect("it is there"))
        .collect()
}

/// The files of a directory, by name.
pub fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap_or_else(|error| panic!("{directory:?}: {error}"));
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it is there").path())
        .collect();
    files.sort();
    files
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn kept_file(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("seeds/{target}.txt"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

fn read_json<T: DeserializeOwned>(path: &Path) -> T {
    serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

fn decode(base64: &str) -> Vec<u8> {
    STANDARD.decode(base64).expect("it is Base64")
}

fn vectors() -> Vec<Vector> {
    let vectors: Vec<Vector> = files(&repository().join("conformance/vectors"))
        .iter()
        .flat_map(|path| read_json::<Vec<Vector>>(path))
        .collect();
    assert!(!vectors.is_empty(), "no vectors");
    vectors
}

#[derive(Deserialize)]
struct Case {
    input: String,
}

#[derive(Deserialize)]
struct Vector {
    secrets: Vec<String>,
    #[serde(default)]
    options: Options,
    now_ms: u64,
    headers: Vec<(String, HeaderValue)>,
    body: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Options {
    tolerance_past_ms: Option<u64>,
    tolerance_future_ms: Option<u64>,
    max_body_bytes: u16,
    accept_reserialized: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum HeaderValue {
    Text(String),
    Bytes { base64: String },
}

impl Vector {
    fn body(&self) -> Vec<u8> {
        decode(&self.body)
    }

    /// The nearest request. `None` if it has more of something than a request
    /// can have.
    fn encode(&self) -> Option<Vec<u8>> {
        let headers: Vec<(&str, Vec<u8>)> = self
            .headers
            .iter()
            .map(|(name, value)| match value {
                HeaderValue::Text(text) => (name.as_str(), text.clone().into_bytes()),
                HeaderValue::Bytes { base64 } => (name.as_str(), decode(base64)),
            })
            .collect();
        let timestamp = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(NAMES[0]))
            .map_or(&b""[..], |(_, value)| value);
        let body = self.body();
        let request = Request {
            accept_reserialized: self.options.accept_reserialized,
            tolerance: [
                bound(self.options.tolerance_past_ms),
                bound(self.options.tolerance_future_ms),
            ],
            max_body: self.options.max_body_bytes,
            clock: Clock::At(self.now_ms),
            secrets: self
                .secrets
                .iter()
                .map(|secret| secret.clone().into_bytes())
                .collect(),
            headers: headers
                .iter()
                .map(|(name, value)| (name_index(name), self.value(value, timestamp, &body)))
                .collect(),
            chunks: vec![100, 0],
            body: body.clone(),
        };
        request.encode()
    }

    /// A signature that is right is written as such, so that it stays right when
    /// the fuzzer changes the body.
    fn value(&self, value: &[u8], timestamp: &[u8], body: &[u8]) -> Value {
        let signs = |secret: &String| mac::signature(secret, timestamp, body).as_bytes() == value;
        let secret = self.secrets.iter().position(signs);
        match secret.map(u8::try_from) {
            Some(Ok(secret)) => Value::Signed(Signed {
                secret,
                reserialized: false,
                place: 0,
                bits: 0,
            }),
            _ => Value::Raw(value.to_vec()),
        }
    }
}

/// The index of this name, of one that differs in its case, or of one that only
/// looks like one.
fn name_index(name: &str) -> u8 {
    let exact = NAMES.iter().position(|candidate| *candidate == name);
    let near = || {
        NAMES
            .iter()
            .position(|candidate| candidate.eq_ignore_ascii_case(name))
    };
    let index = exact.or_else(near).unwrap_or(NAMES.len() - 2);
    u8::try_from(index).expect("there are few names")
}

/// The index of the bound, or of the default.
fn bound(millis: Option<u64>) -> u8 {
    let index = BOUNDS
        .iter()
        .position(|bound| Some(bound.as_millis()) == millis.map(u128::from));
    u8::try_from(index.unwrap_or_default()).expect("there are few bounds")
}
