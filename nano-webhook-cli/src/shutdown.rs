use crate::exit::Failure;

/// Resolves on Ctrl-C, and on SIGTERM where there is one. From the call on,
/// these no longer end the process by themselves.
pub(crate) fn signal() -> Result<impl Future<Output = ()>, Failure> {
    #[cfg(unix)]
    let mut signals = {
        use tokio::signal::unix::{SignalKind, signal};
        let on = |kind| {
            signal(kind)
                .map_err(|error| Failure::usage(format!("no signals can be received: {error}")))
        };
        (on(SignalKind::interrupt())?, on(SignalKind::terminate())?)
    };
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = signals.0.recv() => {}
            _ = signals.1.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    })
}
