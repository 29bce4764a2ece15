use futures_util::FutureExt as _;
use tokio::sync::oneshot;

use crate::exit::{Exit, Failure};

/// Resolves on Ctrl-C, and on SIGTERM where there is one. From the call on, the first
/// of them does not end the process by itself. The second does, whatever the process
/// waits for: a reader of its output, say, that reads no more.
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
    let mut next = async move || {
        #[cfg(unix)]
        tokio::select! {
            _ = signals.0.recv() => {}
            _ = signals.1.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    };
    let (tell, told) = oneshot::channel();
    tokio::spawn(async move {
        next().await;
        let _ = tell.send(());
        next().await;
        std::process::exit(Exit::Interrupted as i32);
    });
    Ok(told.map(drop))
}
