//! Claims in Postgres, and the statements for clients other than sqlx.

mod connections;
mod setup;
mod store;

pub use store::PostgresStore;

/// The table and its index, for your own migration tool. `connect` creates them
/// if the table does not exist.
pub const SCHEMA: &str = include_str!("postgres/schema.sql");

/// Completes a delivery in the handler's transaction, for clients other than
/// sqlx. [`PostgresStore::complete_in`] runs the same statement.
///
/// Parameters: `$1` [`LeaseHandle::delivery_id`] and `$2` [`LeaseHandle::owner`],
/// both as bytes (`bytea`). Commit if the statement changed one row. If it changed
/// none, another request has claimed the delivery: roll back and answer 503.
///
/// [`LeaseHandle::delivery_id`]: nano_webhook_core::dedupe::LeaseHandle::delivery_id
/// [`LeaseHandle::owner`]: nano_webhook_core::dedupe::LeaseHandle::owner
pub const COMPLETE_IN: &str = include_str!("postgres/complete_in.sql");
