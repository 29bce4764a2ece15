//! A suite that any store can run.
