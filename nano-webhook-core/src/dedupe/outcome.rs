/// How a delivery that reached its handler, or was recognised as a duplicate,
/// ended. Adapters put it into the response's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    kind: OutcomeKind,
    attempt: Option<u64>,
}

/// The kinds of [`Outcome`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OutcomeKind {
    /// The handler succeeded, and the completion is remembered.
    Completed,
    /// The handler did not succeed; the next delivery of the same identity is
    /// handled.
    Released,
    /// Another owner has claimed the delivery, or the store has forgotten it,
    /// before the handler ended. It may be handled twice.
    LeaseLost,
    /// The handler ended, but the store did not answer. The claim is settled in
    /// the background.
    Unsettled,
    /// The handler ran without a claim: the store did not answer, and
    /// [`fail_open`](super::DedupeBuilder::fail_open) is set.
    Unguarded,
    /// Handled before; the handler was not called.
    Duplicate,
    /// Handled before, with another signed body; the handler was not called.
    DifferingDuplicate,
}

impl OutcomeKind {
    /// As in logs and metrics: `completed`, `lease_lost`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Released => "released",
            Self::LeaseLost => "lease_lost",
            Self::Unsettled => "unsettled",
            Self::Unguarded => "unguarded",
            Self::Duplicate => "duplicate",
            Self::DifferingDuplicate => "differing_duplicate",
        }
    }
}

impl Outcome {
    pub(super) const fn new(kind: OutcomeKind, attempt: Option<u64>) -> Self {
        Self { kind, attempt }
    }

    /// How the delivery ended.
    #[must_use]
    pub const fn kind(&self) -> OutcomeKind {
        self.kind
    }

    /// Which attempt this was, from 1, where a claim was held.
    #[must_use]
    pub const fn attempt(&self) -> Option<u64> {
        self.attempt
    }
}
