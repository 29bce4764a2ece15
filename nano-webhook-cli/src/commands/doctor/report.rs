use serde_json::{Value, json};

use super::kinds::Kind;
use crate::exit::{Exit, Failure};
use crate::output::{BAD, FAINT, GOOD, Output, STRONG, WARNING, styled};
use crate::text::printable;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Severity {
    /// Deliveries do not arrive, or are rejected.
    Error,
    /// An error: no answer over the network.
    NoAnswer,
    /// Deliveries can be lost or handled twice, or the secret can leak.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    const fn name(self) -> &'static str {
        match self {
            Self::Error | Self::NoAnswer => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// What was found, what was checked, and what could not be.
#[derive(Default)]
pub(super) struct Report {
    findings: Vec<(&'static Kind, String)>,
    checked: Vec<&'static str>,
    skipped: Vec<(&'static str, &'static str)>,
}

impl Report {
    /// `seen` may quote what a network sent: it is escaped when it is shown.
    pub(super) fn add(&mut self, kind: &'static Kind, seen: impl Into<String>) {
        self.findings.push((kind, seen.into()));
    }

    pub(super) fn checked(&mut self, what: &'static str) {
        self.checked.push(what);
    }

    pub(super) fn skip(&mut self, what: &'static str, why: &'static str) {
        self.skipped.push((what, why));
    }

    /// Whether a finding of this kind exists.
    pub(super) fn has(&self, kind: &'static Kind) -> bool {
        self.findings
            .iter()
            .any(|(found, _)| found.code == kind.code)
    }

    pub(super) fn exit(&self) -> Exit {
        let has = |severity| {
            self.findings
                .iter()
                .any(|(kind, _)| kind.severity == severity)
        };
        match has(Severity::Error) || has(Severity::Warning) {
            _ if has(Severity::NoAnswer) => Exit::Network,
            true => Exit::No,
            false => Exit::Success,
        }
    }

    pub(super) fn show(&self, output: &Output) -> Result<(), Failure> {
        if output.is_json() {
            return output.json(&self.to_json());
        }
        for (kind, seen) in &self.findings {
            let style = match kind.severity {
                Severity::Error | Severity::NoAnswer => BAD,
                Severity::Warning => WARNING,
                Severity::Note => STRONG,
            };
            let name = styled(style, kind.severity.name());
            output.line(format_args!("{name}: {}", kind.code))?;
            output.line(format_args!("  seen     {}", printable(seen)))?;
            output.line(format_args!("  meaning  {}", kind.meaning))?;
            output.line(format_args!("  do       {}", kind.remedy))?;
        }
        if self.findings.is_empty() {
            output.line(styled(GOOD, "nothing found"))?;
        }
        output.line(styled(
            FAINT,
            format_args!("checked: {}", self.checked.join(", ")),
        ))?;
        for (what, why) in &self.skipped {
            output.line(styled(FAINT, format_args!("not checked: {what} ({why})")))?;
        }
        Ok(())
    }

    fn to_json(&self) -> Value {
        let findings: Vec<_> = (self.findings.iter())
            .map(|(kind, seen)| {
                json!({
                    "code": kind.code,
                    "severity": kind.severity.name(),
                    "seen": printable(seen),
                    "meaning": kind.meaning,
                    "do": kind.remedy,
                })
            })
            .collect();
        let skipped: Vec<_> = (self.skipped.iter())
            .map(|(what, why)| json!({ "what": what, "why": why }))
            .collect();
        json!({ "findings": findings, "checked": self.checked, "not_checked": skipped })
    }
}
