use std::error::Error;

use serde::Serialize;
use serde_json::{Map, Value, json};

/// How the program ends. Numbers and names are part of the interface: [`HELP`], the README
/// and `--json` have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub(crate) enum Exit {
    Success = 0,
    No = 1,
    Usage = 2,
    Network = 3,
    Unknown = 4,
    Interrupted = 130,
}

pub(crate) const HELP: &str = "\
Exit codes:
  0    it was done, or the answer is yes
  1    the answer is no: not verified, not accepted, not delivered, rejected
  2    it could not be tried: the command line, a file, a secret
  3    the network: no answer, or the connection broke off
  4    unknown: a change may or may not have been made, because its answer got lost
  130  interrupted by Ctrl-C before the end (listen and simulate end with 0)";

/// Why a command has no result to show. The text never contains a secret or a
/// signature.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// For scripts: more members of the JSON text.
    more: Map<String, Value>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            more: Map::new(),
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Adds a member to the JSON text.
    pub(crate) fn tell(&mut self, name: &str, value: Value) {
        self.more.insert(name.to_owned(), value);
    }

    /// For scripts.
    pub(crate) fn to_json(&self) -> Value {
        let mut members = self.more.clone();
        let error = json!({ "kind": self.exit, "message": self.message });
        members.insert("error".to_owned(), error);
        Value::Object(members)
    }

    /// An error and what caused it, in one line.
    pub(crate) fn because(exit: Exit, error: &(dyn Error + 'static)) -> Self {
        Self::new(exit, chain(error))
    }
}

/// What an error prevents could not be tried, unless the caller knows more.
impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::because(Exit::Usage, &error)
    }
}

/// An error's text and those of its sources. A source that its parent quotes
/// already is not said twice.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let cause = source.to_string();
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
        next = source.source();
    }
    text
}
