// The examples use both stores.
#![cfg_attr(all(feature = "postgres", feature = "sqlite"), doc = include_str!("../README.md"))]
#![cfg_attr(
    not(all(feature = "postgres", feature = "sqlite")),
    doc = "Deduplication stores in Postgres and SQLite: enable the feature `postgres` or `sqlite`."
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod error;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod record;
#[cfg(feature = "sqlite")]
pub mod sqlite;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod store;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod transaction;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use error::SqlStoreError;
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use transaction::{TransactionError, TransactionErrorKind};

/// The client that this crate is built on, for your own statements.
pub use sqlx;
