use crate::report::Report;
use crate::target::Target;

mod bodies;
mod connections;
mod early;
mod http2;
mod unconfigured;

/// The rows of the HTTP contract that need a socket to be seen.
///
/// # Panics
/// With the list of all that differs.
pub async fn run_contract(target: &impl Target) {
    let mut report = Report::new("the HTTP contract");
    early::run(target, &mut report).await;
    bodies::run(target, &mut report).await;
    connections::run(target, &mut report).await;
    http2::run(target, &mut report).await;
    unconfigured::run(target, &mut report).await;
    report.finish(50);
}
