use std::error::Error;
use std::fmt;

use crate::dedupe::StoreError;

/// A store did not keep the contract. Its text says in which case, at which
/// step, and what should have been answered.
#[derive(Debug)]
pub struct Violation {
    case: String,
    step: String,
    finding: String,
}

impl Violation {
    pub(super) fn new(
        case: impl fmt::Display,
        step: impl fmt::Display,
        finding: impl fmt::Display,
    ) -> Self {
        Self {
            case: case.to_string(),
            step: step.to_string(),
            finding: finding.to_string(),
        }
    }

    pub(super) fn failed(
        case: impl fmt::Display,
        step: impl fmt::Display,
        error: &StoreError,
    ) -> Self {
        Self::new(case, step, format_args!("the store failed: {error}"))
    }

    /// The case that showed it.
    #[must_use]
    pub fn case(&self) -> &str {
        &self.case
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            case,
            step,
            finding,
        } = self;
        write!(f, "{case}: {step}: {finding}")
    }
}

impl Error for Violation {}
