use crate::table::Table;
use crate::target::Target;

mod broken;
mod connections;
pub(crate) mod deadline;
mod early;
mod framing;
pub(crate) mod heads;
mod http2;
pub(crate) mod limits;
mod statuses;

/// The HTTP contract, over raw sockets.
pub async fn run_contract(target: &impl Target) {
    let mut table = Table::new(target);
    statuses::add(&mut table);
    early::add(&mut table);
    limits::add(&mut table);
    deadline::add(&mut table);
    broken::add(&mut table);
    connections::add(&mut table);
    framing::add(&mut table);
    http2::add(&mut table);
    table.rows.run("the HTTP contract", 163).await;
}
