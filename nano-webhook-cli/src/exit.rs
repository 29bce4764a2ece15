use std::error::Error;

use serde_json::{Map, Value, json};

/// How the program ends. The numbers are part of the interface: they are in
/// `--help` and in the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It was done; the answer is yes.
    Success,
    /// The answer is no.
    No,
    /// It could not be tried: the command line, a file, a secret.
    Usage,
    /// No connection, or one that broke off.
    Network,
    /// A change may or may not have been made: its answer got lost.
    Unknown,
    /// Ctrl-C before the end.
    Interrupted,
}

/// For `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0    it was done, or the answer is yes
  1    the answer is no: not verified, not accepted, not delivered, rejected
  2    it could not be tried: the command line, a file, a secret
  3    the network: no answer, or the connection broke off
  4    unknown: a change may or may not have been made, because its answer got lost
  130  interrupted by Ctrl-C before the end (listen and simulate end with 0)";

impl Exit {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::Network => 3,
            Self::Unknown => 4,
            Self::Interrupted => 130,
        }
    }

    /// For scripts, in `--json`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::No => "no",
            Self::Usage => "usage",
            Self::Network => "network",
            Self::Unknown => "unknown",
            Self::Interrupted => "interrupted",
        }
    }
}

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
        let error = json!({ "kind": self.exit.name(), "message": self.message });
        members.insert("error".to_owned(), error);
        Value::Object(members)
    }

    /// An error and what caused it, in one line.
    pub(crate) fn because(exit: Exit, error: &(dyn Error + 'static)) -> Self {
        Self::new(exit, chain(error))
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
