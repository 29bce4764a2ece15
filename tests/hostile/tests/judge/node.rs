//! Node, as a child process that judges one delivery a line.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::case::Case;

/// What the documented function says of a delivery.
#[derive(Debug)]
pub(crate) struct Judgement {
    /// For each secret: is it the signature of the body's bytes?
    pub(crate) raw: Vec<bool>,
    /// For each secret: is it the signature of the parsed payload?
    pub(crate) reserialized: Vec<bool>,
    /// The bytes of `JSON.stringify(payload)`.
    pub(crate) text_len: Option<usize>,
}

/// What `JSON.stringify(JSON.parse(body))` is for each body, where it does not
/// throw.
pub(crate) fn texts<'a>(bodies: impl Iterator<Item = &'a Vec<u8>>) -> Vec<Option<Vec<u8>>> {
    let questions = bodies
        .map(|body| json!({ "body": BASE64_STANDARD.encode(body), "wantText": true }))
        .collect();
    ask(questions)
        .into_iter()
        .map(|answer| {
            let text = answer["text"].as_str();
            text.map(|text| BASE64_STANDARD.decode(text).unwrap())
        })
        .collect()
}

pub(crate) fn judge(cases: &[Case]) -> Vec<Judgement> {
    let bools = |list: &Value| -> Vec<bool> {
        let list = list.as_array().unwrap();
        list.iter().map(|item| item.as_bool().unwrap()).collect()
    };
    ask(cases.iter().map(Case::question).collect())
        .into_iter()
        .map(|answer| Judgement {
            raw: bools(&answer["raw"]),
            reserialized: bools(&answer["reserialized"]),
            text_len: answer["textLength"].as_u64().map(|len| len as usize),
        })
        .collect()
}

fn ask(questions: Vec<Value>) -> Vec<Value> {
    let script: PathBuf = [
        env!("CARGO_MANIFEST_DIR"),
        "../../conformance/judge/verify.mjs",
    ]
    .iter()
    .collect();
    let mut child = Command::new("node")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("cannot run `node`: the judge is Node 20 or later, install it");
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
    let answers: Vec<Value> = stdout
        .lines()
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    let sent = sender.join().unwrap();
    assert!(child.wait().unwrap().success(), "the judge failed");
    sent.unwrap();
    assert_eq!(
        answers.len(),
        expected,
        "the judge did not answer each line"
    );
    answers
}
