use std::fmt;
use std::time::Duration;

use crate::timestamp::{Tolerance, UnixTime};

pub(crate) type Clock = Box<dyn Fn() -> UnixTime + Send + Sync>;

pub(crate) struct Rules {
    pub(crate) tolerance: Tolerance,
    pub(crate) body_limit: usize,
    pub(crate) body_timeout: Duration,
    pub(crate) clock: Option<Clock>,
    #[cfg(feature = "reserialized")]
    pub(crate) accept_reserialized: bool,
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules")
            .field("tolerance", &self.tolerance)
            .field("body_limit", &self.body_limit)
            .field("body_timeout", &self.body_timeout)
            .finish_non_exhaustive()
    }
}
