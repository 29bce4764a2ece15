use tokio::sync::watch;

/// How far a simulator is into its shutdown.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) enum Phase {
    Running,
    /// No attempt starts, and no connection is accepted.
    Stopping,
    /// Everything that still runs is cancelled.
    Aborted,
}

/// Tells the tasks of a simulator which phase it is in. Each task holds a
/// [`PhaseWatch`] while it runs.
pub(crate) struct Lifecycle(watch::Sender<Phase>);

impl Lifecycle {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Phase::Running))
    }

    pub(crate) fn subscribe(&self) -> PhaseWatch {
        PhaseWatch(self.0.subscribe())
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.0.send_replace(phase);
    }

    /// Waits until no task runs.
    pub(crate) async fn finished(&self) {
        self.0.closed().await;
    }
}

#[derive(Clone)]
pub(crate) struct PhaseWatch(watch::Receiver<Phase>);

impl PhaseWatch {
    pub(crate) fn has_reached(&self, phase: Phase) -> bool {
        *self.0.borrow() >= phase
    }

    /// Waits until the simulator is in this phase or a later one.
    pub(crate) async fn reached(&mut self, phase: Phase) {
        // Fails if the simulator is gone, which is later than every phase.
        let _ = self.0.wait_for(|now| *now >= phase).await;
    }
}
