//! Node, as a child process that answers `JSON.stringify(JSON.parse(body))`.

use std::fmt;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// What `conformance/judge/lib/stringify.mjs` says of a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Text(Vec<u8>),
    LoneSurrogate,
    TooDeep,
    NotJson,
    NotUtf8,
}

impl Verdict {
    pub(crate) fn new(verdict: &str, text: Option<&str>) -> Self {
        match (verdict, text) {
            ("text", Some(text)) => Self::Text(BASE64_STANDARD.decode(text).unwrap()),
            ("lone-surrogate", None) => Self::LoneSurrogate,
            ("too-deep", None) => Self::TooDeep,
            ("not-json", None) => Self::NotJson,
            ("not-utf8", None) => Self::NotUtf8,
            other => panic!("no such verdict: {other:?}"),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{}", text.escape_ascii()),
            other => write!(f, "{other:?}"),
        }
    }
}

pub(crate) fn conformance(path: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "conformance", path]
        .iter()
        .collect()
}

fn node(script: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(conformance(script)).stdout(Stdio::piped());
    command
}

const NO_NODE: &str = "cannot run `node`: these tests compare with Node 20 or later, install it";

/// Judges bodies in one process.
pub(crate) fn judge(bodies: &[Vec<u8>]) -> Vec<Verdict> {
    let mut child = node("judge/stringify.mjs")
        .stdin(Stdio::piped())
        .spawn()
        .expect(NO_NODE);
    let mut stdin = BufWriter::new(child.stdin.take().unwrap());
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // From its own thread, or both sides would wait for each other once the pipes are
    // full.
    let verdicts: Vec<Verdict> = thread::scope(|scope| {
        scope.spawn(move || {
            for body in bodies {
                writeln!(stdin, "{}", BASE64_STANDARD.encode(body)).unwrap();
            }
        });
        let lines = lines.map(Result::unwrap);
        lines
            .map(|line| match line.split_once(' ') {
                Some((verdict, text)) => Verdict::new(verdict, Some(text)),
                None => Verdict::new(&line, None),
            })
            .collect()
    });
    assert!(child.wait().unwrap().success(), "the judge failed");
    assert_eq!(verdicts.len(), bodies.len());
    verdicts
}

/// The documents of JSONTestSuite with their names.
pub(crate) fn suite() -> Vec<(String, Vec<u8>)> {
    let output = node("judge/suite.mjs").output().expect(NO_NODE);
    assert!(
        output.status.success(),
        "JSONTestSuite is not there: run `npm ci` in conformance/judge"
    );
    let lines = String::from_utf8(output.stdout).unwrap();
    let documents = lines.lines().map(|line| {
        let (name, document) = line.split_once(' ').unwrap();
        (name.to_owned(), BASE64_STANDARD.decode(document).unwrap())
    });
    documents.collect()
}
