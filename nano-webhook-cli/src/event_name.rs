use std::convert::Infallible;
use std::str::FromStr;

/// The name of an event, with short forms for the documented ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EventName(String);

impl EventName {
    pub(crate) const COMPLETED: &str = "job.completed";
    pub(crate) const FAILED: &str = "job.failed";

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EventName {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(match text {
            "completed" => Self::COMPLETED.to_owned(),
            "failed" => Self::FAILED.to_owned(),
            other => other.to_owned(),
        }))
    }
}
