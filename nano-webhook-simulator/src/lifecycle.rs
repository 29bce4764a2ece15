use tokio::sync::watch;

/// How far a simulator is into its shutdown. Each of its tasks holds a receiver
/// while it runs.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) enum Phase {
    Running,
    /// No attempt starts, and no connection is accepted.
    Stopping,
    /// Everything that still runs is cancelled.
    Aborted,
}

/// Waits until the simulator is in this phase or a later one.
pub(crate) async fn reached(mut phase: watch::Receiver<Phase>, awaited: Phase) {
    // Fails if the simulator is gone, which is later than every phase.
    let _ = phase.wait_for(|now| *now >= awaited).await;
}
