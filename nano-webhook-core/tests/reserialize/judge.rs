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

/// Judges bodies as they come, in one process, and hands each with its verdict
/// to `each`.
pub(crate) fn judge<B, F>(bodies: B, mut each: F)
where
    B: IntoIterator<Item = Vec<u8>>,
    B::IntoIter: Clone + Send + 'static,
    F: FnMut(usize, &[u8], &Verdict),
{
    let mut child = node("judge/stringify.mjs")
        .stdin(Stdio::piped())
        .spawn()
        .expect(NO_NODE);
    let stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());

    // From its own thread, or both sides would wait for each other once the
    // pipes are full.
    let bodies = bodies.into_iter();
    let sent = bodies.clone();
    let sender = thread::spawn(move || {
        let mut stdin = BufWriter::new(stdin);
        for body in sent {
            writeln!(stdin, "{}", BASE64_STANDARD.encode(body))?;
        }
        stdin.flush()
    });

    let mut lines = stdout.lines();
    for (index, body) in bodies.enumerate() {
        let line = lines
            .next()
            .unwrap_or_else(|| panic!("the judge stopped before body {index}"))
            .unwrap();
        let verdict = match line.split_once(' ') {
            Some((verdict, text)) => Verdict::new(verdict, Some(text)),
            None => Verdict::new(&line, None),
        };
        each(index, &body, &verdict);
    }
    assert!(
        lines.next().is_none(),
        "the judge said more than it was asked"
    );
    sender.join().unwrap().unwrap();
    assert!(child.wait().unwrap().success(), "the judge failed");
}

/// The documents of JSONTestSuite with their names.
pub(crate) fn suite() -> Vec<(String, Vec<u8>)> {
    let output = node("judge/suite.mjs").output().expect(NO_NODE);
    assert!(
        output.status.success(),
        "JSONTestSuite is not there: run `npm ci` in conformance/judge"
    );
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| {
            let (name, document) = line.split_once(' ').unwrap();
            (name.to_owned(), BASE64_STANDARD.decode(document).unwrap())
        })
        .collect()
}
