//! What the receiver examples share: settings from the environment, secrets that
//! can be replaced, the line for each delivery, and how they stop.

mod environment;
mod lines;
mod secrets;
mod shutdown;

pub use environment::{Settings, cannot_bind};
pub use lines::print;
pub use shutdown::Shutdown;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

/// Any error of a receiver.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Runs a receiver. Logs go to standard error, because standard output is for the
/// deliveries; `RUST_LOG` sets the level.
pub async fn run(receiver: impl Future<Output = Result<(), BoxError>>) -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match receiver.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}
