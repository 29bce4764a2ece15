use crate::report::Report;
use crate::table::Table;
use crate::target::Target;

mod broken;
mod connections;
mod continues;
pub(crate) mod deadline;
mod early;
mod framing;
pub(crate) mod heads;
mod http2;
pub(crate) mod limits;
mod statuses;
mod unconfigured;

/// The HTTP contract, over raw sockets.
///
/// # Panics
/// With the table, if a row differs.
pub async fn run_contract(target: &impl Target) {
    report_contract(target, |_| true).await.finish(226);
}

/// The rows whose names are wanted, to look at.
pub async fn report_contract(target: &impl Target, wanted: impl Fn(&str) -> bool) -> Report {
    let mut table = Table::new(target);
    statuses::add(&mut table);
    early::add(&mut table);
    continues::add(&mut table);
    limits::add(&mut table);
    deadline::add(&mut table);
    broken::add(&mut table);
    connections::add(&mut table);
    framing::add(&mut table);
    http2::add(&mut table);
    unconfigured::add(&mut table);
    table.run("the HTTP contract", wanted).await
}
