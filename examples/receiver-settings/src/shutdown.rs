use std::time::Duration;

/// After a signal, deliveries in flight have this long to finish: within the 30
/// seconds after which Kubernetes kills a process.
pub const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(25);

/// Resolves on Ctrl-C, and on SIGTERM where the system has it.
///
/// # Errors
/// If the signal cannot be listened for.
pub fn shutdown_signal() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminate = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate())?
    };
    Ok(async move {
        #[cfg(unix)]
        let terminated = async {
            terminate.recv().await;
        };
        #[cfg(not(unix))]
        let terminated = std::future::pending::<()>();
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = terminated => {}
        }
    })
}
