//! Claims in SQLite, and the statements for clients other than sqlx.

mod open;
mod store;
mod writer;

pub use store::SqliteStore;

/// The table and its index. `open` creates them if the table does not exist.
pub const SCHEMA: &str = include_str!("sqlite/schema.sql");

/// Completes a delivery in the handler's transaction, for clients other than
/// sqlx. [`SqliteStore::complete_in`] runs the same statement.
///
/// Parameters: `?1` [`LeaseHandle::delivery_id`] and `?2` [`LeaseHandle::owner`],
/// both as bytes (a `BLOB`). Begin the transaction with `BEGIN IMMEDIATE`, on a
/// connection with `PRAGMA synchronous = FULL`. Commit if the statement changed
/// one row. If it changed none, another request has claimed the delivery: roll back
/// and answer 503.
///
/// [`LeaseHandle::delivery_id`]: nano_webhook_core::dedupe::LeaseHandle::delivery_id
/// [`LeaseHandle::owner`]: nano_webhook_core::dedupe::LeaseHandle::owner
pub const COMPLETE_IN: &str = include_str!("sqlite/complete_in.sql");
