//! What a run has seen, so that a generator that makes one kind only is noticed.

use std::collections::BTreeMap;
use std::fmt;

use crate::oracle::{Difference, Expected, Mode};

#[derive(Default)]
pub(crate) struct Tally {
    cases: usize,
    outcomes: BTreeMap<String, usize>,
    differences: BTreeMap<(Difference, &'static str), usize>,
}

impl Tally {
    pub(crate) fn add(&mut self, mode: Mode, expected: Expected, difference: Option<Difference>) {
        self.cases += 1;
        let outcome = match expected {
            Expected::Accepted { secret, over } => {
                let which = if secret == 0 { "current" } else { "previous" };
                format!("accepted {over:?}, {which} secret")
            }
            Expected::Refused(code) => code.to_owned(),
        };
        *self.outcomes.entry(outcome).or_default() += 1;
        if let Some(difference) = difference {
            let mode = match mode {
                Mode::Raw => "raw",
                Mode::Reserialized => "re-serialised",
            };
            *self.differences.entry((difference, mode)).or_default() += 1;
        }
    }

    /// Each outcome and each known difference was there.
    pub(crate) fn assert_complete(&self) {
        let share = |count: usize| count as f64 / self.cases as f64;
        let accepted: usize = self
            .outcomes
            .iter()
            .filter(|(outcome, _)| outcome.starts_with("accepted"))
            .map(|(_, count)| count)
            .sum();
        assert!(share(accepted) > 0.3, "{self}");
        for outcome in [
            "accepted Raw, current secret",
            "accepted Raw, previous secret",
            "accepted Reserialized, current secret",
            "accepted Reserialized, previous secret",
            "duplicate_header",
            "missing_header",
            "malformed_timestamp",
            "malformed_signature",
            "timestamp_out_of_tolerance",
            "body_too_large",
            "signature_mismatch",
        ] {
            let count = self.outcomes.get(outcome).copied().unwrap_or(0);
            assert!(share(count) > 0.005, "{outcome} is rare\n{self}");
        }
        use Difference::*;
        for difference in [
            Duplicate,
            Missing,
            Timestamp,
            Window,
            Limit,
            NotUtf8,
            LoneSurrogate,
            Depth,
            TextLimit,
        ] {
            assert!(
                self.differences
                    .contains_key(&(difference, "re-serialised")),
                "{difference:?} was never seen\n{self}"
            );
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} verdicts", self.cases)?;
        for (outcome, count) in &self.outcomes {
            writeln!(f, "{count:>9}  {outcome}")?;
        }
        writeln!(
            f,
            "known differences (the documented function takes it, we refuse it):"
        )?;
        for ((difference, mode), count) in &self.differences {
            writeln!(f, "{count:>9}  {difference:?}, {mode}")?;
        }
        Ok(())
    }
}
