use std::fmt::Debug;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

/// Longer than anything takes on a loaded machine. What takes longer counts as hung.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for a state whose changes are announced.
pub async fn until<T: Debug>(
    state: &watch::Sender<T>,
    reached: impl FnMut(&T) -> bool,
) -> Result<(), String> {
    let mut states = state.subscribe();
    let in_time = timeout(PATIENCE, states.wait_for(reached)).await.is_ok();
    let late = || format!("no more than {:?}", *state.borrow());
    in_time.then_some(()).ok_or_else(late)
}

/// Waits for a state that no event announces.
pub async fn poll<T: Debug>(
    mut ask: impl AsyncFnMut() -> T,
    mut reached: impl FnMut(&T) -> bool,
) -> T {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let state = ask().await;
        if reached(&state) {
            return state;
        }
        assert!(Instant::now() < give_up, "no more than {state:?}");
        sleep(Duration::from_millis(20)).await;
    }
}
