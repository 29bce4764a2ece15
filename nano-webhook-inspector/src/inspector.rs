use std::fmt;
use std::io;
use std::sync::Arc;

use nano_webhook_fetch::Reach;
use serde_json::{Value, json};

use crate::record::Record;
use crate::store::Store;
use crate::tools::Tools;

/// Keeps the last deliveries of a receiver and shows them in a page. A clone shares
/// them.
///
/// It is meant for development: it keeps signatures and bodies.
#[derive(Clone)]
pub struct Inspector(Arc<Shared>);

struct Shared {
    store: Store,
    session: String,
    receiver: String,
    reach: Reach,
    tools: Option<Box<dyn Tools>>,
}

/// The settings of an [`Inspector`].
#[must_use]
pub struct InspectorBuilder {
    receiver: String,
    keep: usize,
    reach: Reach,
    tools: Option<Box<dyn Tools>>,
}

impl Inspector {
    /// How many deliveries are kept by default: 1,000.
    pub const DEFAULT_KEEP: usize = 1000;

    /// An inspector of the receiver at this URL, as in `http://127.0.0.1:3000`. The
    /// commands that the page shows send there.
    pub fn builder(receiver: impl Into<String>) -> InspectorBuilder {
        let receiver: String = receiver.into();
        InspectorBuilder {
            receiver: receiver.trim_end_matches('/').to_owned(),
            keep: Self::DEFAULT_KEEP,
            reach: Reach::Public,
            tools: None,
        }
    }

    /// The number of the next delivery.
    #[must_use]
    pub fn next_id(&self) -> u64 {
        self.0.store.next_id()
    }

    /// Adds a delivery, or replaces the one with the same id, and shows it.
    pub fn put(&self, record: Record) {
        self.0.store.put(record);
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    /// Another one after each start.
    pub(crate) fn session(&self) -> &str {
        &self.0.session
    }

    pub(crate) fn receiver(&self) -> &str {
        &self.0.receiver
    }

    /// Where media may be loaded from.
    pub(crate) fn reach(&self) -> Reach {
        self.0.reach
    }

    pub(crate) fn tools(&self) -> Option<&dyn Tools> {
        self.0.tools.as_deref()
    }

    pub(crate) fn capabilities(&self) -> Value {
        json!({
            "simulator": self.tools().is_some_and(Tools::has_simulator),
            "send_to": self.tools().map(|_| self.receiver()),
        })
    }
}

impl InspectorBuilder {
    /// How many deliveries are kept; the oldest goes first. Default:
    /// [`Inspector::DEFAULT_KEEP`]. Together they take 64 MiB at most.
    pub fn keep(mut self, keep: usize) -> Self {
        self.keep = keep.max(1);
        self
    }

    /// From which addresses the page may load pictures and videos. Default:
    /// [`Reach::Public`]. The URLs come from deliveries.
    pub fn media_from(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }

    /// Gives the page buttons to send deliveries.
    pub fn tools(mut self, tools: impl Tools) -> Self {
        self.tools = Some(Box::new(tools));
        self
    }

    /// The inspector.
    ///
    /// # Errors
    /// If the system gives no random bytes.
    pub fn build(self) -> io::Result<Inspector> {
        let mut session = [0; 8];
        getrandom::fill(&mut session).map_err(io::Error::other)?;
        Ok(Inspector(Arc::new(Shared {
            store: Store::new(self.keep),
            session: hex::encode(session),
            receiver: self.receiver,
            reach: self.reach,
            tools: self.tools,
        })))
    }
}

impl fmt::Debug for Inspector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inspector").finish_non_exhaustive()
    }
}

impl fmt::Debug for InspectorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InspectorBuilder").finish_non_exhaustive()
    }
}
