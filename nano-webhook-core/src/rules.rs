use std::time::Duration;

use crate::timestamp::{Tolerance, UnixTime};

pub(crate) type Clock = Box<dyn Fn() -> UnixTime + Send + Sync>;

/// The settings of a verifier, without its secrets.
pub(crate) struct Rules {
    pub(crate) tolerance: Tolerance,
    pub(crate) body_limit: usize,
    pub(crate) body_timeout: Duration,
    pub(crate) clock: Option<Clock>,
    #[cfg(feature = "reserialized")]
    pub(crate) accept_reserialized: bool,
}
