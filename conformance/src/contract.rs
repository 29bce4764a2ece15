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
    table.run("the HTTP contract", 257).await;
}
