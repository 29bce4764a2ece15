//! Deduplication inside one process.
