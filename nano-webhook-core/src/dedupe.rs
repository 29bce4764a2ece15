//! Handling each delivery once: claims, leases, and the stores that keep them.
//!
//! A signed delivery can arrive twice, also while the first one is being handled,
//! and its handler can fail or die. A delivery that is marked as seen before it is
//! handled is lost when its handler fails. Marked afterwards, it is handled twice
//! when two arrive at once. So a delivery is **claimed** for a **lease** before its
//! handler runs, and **completed** or **released** after:
//!
//! | the handler | the claim | the next delivery of the same |
//! |---|---|---|
//! | answers 2xx | is completed, for the retention time | is answered 200, the handler is not called |
//! | answers anything else, or panics | is released | is handled |
//! | is still running | is held, and renewed | is answered 503 with `Retry-After` |
//! | died with its process | runs out with its lease | is handled after that |
//!
//! [`DedupeStore`] is what a store implements. [`Dedupe`] holds the settings, and
//! the life of a claim around a handler.
//!
//! This is *effectively once*, not exactly once: a handler that outlives its
//! lease, or a process that dies between its effect and its answer, is run again.
//! Make effects idempotent, fence them with [`LeaseHandle::attempt`], or complete
//! the claim in the transaction of the effect (`nano-webhook-sqlx`).

mod calls;
pub(crate) mod claim;
mod config;
mod held;
mod id;
mod in_flight;
mod lease;
mod memory;
mod outcome;
mod owner;
pub(crate) mod run;
mod settle;
mod store;
mod subject;
mod waiters;

pub use config::{Dedupe, DedupeBuilder};
pub use id::{BodyDigest, DeliveryId, ParseIdError};
pub use lease::LeaseHandle;
#[cfg(feature = "test-util")]
pub use memory::ManualClock;
pub use memory::MemoryStore;
pub use outcome::{Outcome, OutcomeKind};
pub use owner::OwnerToken;
pub use store::{Claim, DedupeStore, Ownership, StoreError, StoreFuture, Terms};
