//! The provider's documented Node snippet, in a process of its own. It is told how
//! often to verify, and answers how long that took.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::delivery::{COMPLETED, SECRET};
use crate::rounds::Case;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/node/documented.mjs");

pub(crate) fn documented(group: &'static str) -> Case {
    let mut node = Command::new("node")
        .args([SCRIPT, SECRET, COMPLETED])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is installed: scripts/setup");
    let mut questions = node.stdin.take().expect("it is piped");
    let mut answers = BufReader::new(node.stdout.take().expect("it is piped"));
    Case::timed(group, "Node: the documented snippet", move |iterations| {
        writeln!(questions, "{iterations}").expect("node listens");
        let mut answer = String::new();
        answers.read_line(&mut answer).expect("node answers");
        Duration::from_nanos(answer.trim().parse().expect("node answers a number"))
    })
}
