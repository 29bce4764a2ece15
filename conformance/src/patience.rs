use std::time::Duration;

/// Nothing that a server does here takes this long, on however loaded a machine.
/// A hang is a failure, not a test that never ends.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What a row says of a server that hangs.
pub(crate) const NO_ANSWER: &str = "no answer";

/// And of one that takes nothing in.
pub(crate) const NOT_READ: &str = "the server does not read";
