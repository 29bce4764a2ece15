use serde::Serialize;
use serde_json::json;

use super::kinds::Kind;
use crate::exit::{Exit, Failure};
use crate::output::{BAD, FAINT, GOOD, Output, STRONG, WARNING, styled};
use crate::text::printable;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Severity {
    /// Deliveries do not arrive, or are rejected.
    Error,
    /// An error: no answer over the network.
    #[serde(rename = "error")]
    NoAnswer,
    /// Deliveries can be lost or handled twice, or the secret can leak.
    Warning,
    /// Worth knowing.
    Note,
}

/// What was found, what was checked, and what could not be.
#[derive(Default, Serialize)]
pub(super) struct Report {
    findings: Vec<Finding>,
    checked: Vec<&'static str>,
    not_checked: Vec<Skipped>,
}

#[derive(Serialize)]
struct Finding {
    #[serde(flatten)]
    kind: &'static Kind,
    seen: String,
}

#[derive(Serialize)]
struct Skipped {
    what: &'static str,
    why: &'static str,
}

impl Report {
    /// `seen` may quote what a network sent.
    pub(super) fn add(&mut self, kind: &'static Kind, seen: impl AsRef<str>) {
        let seen = printable(seen.as_ref());
        self.findings.push(Finding { kind, seen });
    }

    pub(super) fn checked(&mut self, what: &'static str) {
        self.checked.push(what);
    }

    pub(super) fn skip(&mut self, what: &'static str, why: &'static str) {
        self.not_checked.push(Skipped { what, why });
    }

    /// Whether a finding of this kind exists.
    pub(super) fn has(&self, kind: &'static Kind) -> bool {
        let mut kinds = self.findings.iter().map(|finding| finding.kind);
        kinds.any(|found| found.code == kind.code)
    }

    pub(super) fn exit(&self) -> Exit {
        let has = |severity| {
            let mut severities = self.findings.iter().map(|finding| finding.kind.severity);
            severities.any(|found| found == severity)
        };
        match has(Severity::Error) || has(Severity::Warning) {
            _ if has(Severity::NoAnswer) => Exit::Network,
            true => Exit::No,
            false => Exit::Success,
        }
    }

    pub(super) fn show(&self, output: &Output) -> Result<(), Failure> {
        if output.is_json() {
            return output.json(&json!(self));
        }
        for Finding { kind, seen } in &self.findings {
            let (style, name) = match kind.severity {
                Severity::Error | Severity::NoAnswer => (BAD, "error"),
                Severity::Warning => (WARNING, "warning"),
                Severity::Note => (STRONG, "note"),
            };
            output.line(format_args!("{}: {}", styled(style, name), kind.code))?;
            output.line(format_args!("  seen     {seen}"))?;
            output.line(format_args!("  meaning  {}", kind.meaning))?;
            output.line(format_args!("  do       {}", kind.remedy))?;
        }
        if self.findings.is_empty() {
            output.line(styled(GOOD, "nothing found"))?;
        }
        let checked = format!("checked: {}", self.checked.join(", "));
        output.line(styled(FAINT, checked))?;
        for Skipped { what, why } in &self.not_checked {
            output.line(styled(FAINT, format_args!("not checked: {what} ({why})")))?;
        }
        Ok(())
    }
}
