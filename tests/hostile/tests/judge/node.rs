//! Node, as a child process that judges one delivery a line.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::process::{Command, Stdio};
use std::thread;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::case::Case;

/// What the documented function says of a delivery.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Judgement {
    /// For each secret: is it the signature of the body's bytes?
    pub(crate) raw: Vec<bool>,
    /// For each secret: is it the signature of the parsed payload?
    pub(crate) reserialized: Vec<bool>,
    /// The bytes of `JSON.stringify(payload)`.
    pub(crate) text_length: Option<usize>,
    text: Option<String>,
}

/// What `JSON.stringify(JSON.parse(body))` is for each body, where it does not
/// throw.
pub(crate) fn texts<'a>(bodies: impl Iterator<Item = &'a Vec<u8>>) -> Vec<Option<Vec<u8>>> {
    let question = |body| json!({ "body": BASE64_STANDARD.encode(body), "wantText": true });
    let answers = ask(bodies.map(question).collect()).into_iter();
    let texts = answers.map(|answer| Some(BASE64_STANDARD.decode(answer.text?).unwrap()));
    texts.collect()
}

pub(crate) fn judge(cases: &[Case]) -> Vec<Judgement> {
    // As Node decodes header values: each byte is a character.
    let latin1 = |values: &[Vec<u8>]| -> Vec<String> {
        let decode = |value: &Vec<u8>| value.iter().map(|byte| char::from(*byte)).collect();
        values.iter().map(decode).collect()
    };
    let question = |case: &Case| {
        json!({
            "secrets": case.secrets,
            "timestamps": latin1(&case.timestamps),
            "signatures": latin1(&case.signatures),
            "body": BASE64_STANDARD.encode(&case.body),
        })
    };
    ask(cases.iter().map(question).collect())
}

fn ask(questions: Vec<Value>) -> Vec<Judgement> {
    const SCRIPT: &str = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../conformance/judge/verify.mjs"
    );
    let mut child = Command::new("node")
        .arg(SCRIPT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|_| panic!("cannot run `node`: the judge is Node 20 or later, install it"));
    let stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let expected = questions.len();

    // From its own thread, or both sides would wait for each other once the
    // pipes are full.
    let sender = thread::spawn(move || {
        let mut stdin = BufWriter::new(stdin);
        for question in questions {
            writeln!(stdin, "{question}")?;
        }
        stdin.flush()
    });
    let answers: Vec<Judgement> = stdout
        .lines()
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    let sent = sender.join().unwrap();
    assert!(child.wait().unwrap().success(), "the judge failed");
    sent.unwrap();
    assert_eq!(answers.len(), expected, "an answer to each line");
    answers
}
