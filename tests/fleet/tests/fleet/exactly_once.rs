//! The effects of each delivery are counted in the database of the claims. Receivers and
//! servers are killed, power is cut, disks fill up, clocks jump, networks fail: each
//! counter ends at exactly 1.
//!
//! `NANO_WEBHOOK_DELIVERIES` sets the size of a run (500), `NANO_WEBHOOK_SEED` its faults.
//! With `NANO_WEBHOOK_DATABASE_URL`, `receivers_and_postgres_are_killed` kills only
//! receivers, over that database.

mod disk;
mod postgres;
mod run;
mod sqlite;
