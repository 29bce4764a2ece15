use std::fmt;
use std::io;
use std::sync::Arc;

use nano_webhook_fetch::Reach;

use crate::record::Record;
use crate::store::Store;
use crate::tools::Tools;

/// Keeps the last deliveries of a receiver and shows them in a page. A clone shares
/// them.
///
/// It is meant for development: it keeps signatures and bodies.
#[derive(Clone, Debug)]
pub struct Inspector(pub(crate) Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) store: Store,
    /// Another one after each start.
    pub(crate) session: String,
    pub(crate) receiver: String,
    pub(crate) reach: Reach,
    pub(crate) tools: Option<Box<dyn Tools>>,
}

/// The settings of an [`Inspector`].
#[derive(Debug)]
#[must_use]
pub struct InspectorBuilder(Shared);

impl Inspector {
    /// How many deliveries are kept by default: 1,000.
    pub const DEFAULT_KEEP: usize = 1000;

    /// An inspector of the receiver at this URL, as in `http://127.0.0.1:3000`. The
    /// commands that the page shows send there.
    pub fn builder(receiver: impl Into<String>) -> InspectorBuilder {
        let receiver: String = receiver.into();
        InspectorBuilder(Shared {
            store: Store::new(Self::DEFAULT_KEEP),
            session: String::new(),
            receiver: receiver.trim_end_matches('/').to_owned(),
            reach: Reach::Public,
            tools: None,
        })
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
}

impl InspectorBuilder {
    /// How many deliveries are kept; the oldest goes first. Default:
    /// [`Inspector::DEFAULT_KEEP`]. Together they take 64 MiB at most.
    pub fn keep(mut self, keep: usize) -> Self {
        self.0.store = Store::new(keep.max(1));
        self
    }

    /// From which addresses the page may load pictures and videos. Default:
    /// [`Reach::Public`]. The URLs come from deliveries.
    pub fn media_from(mut self, reach: Reach) -> Self {
        self.0.reach = reach;
        self
    }

    /// Gives the page buttons to send deliveries. Without, it only shows them.
    pub fn tools(mut self, tools: impl Tools) -> Self {
        self.0.tools = Some(Box::new(tools));
        self
    }

    /// The inspector.
    ///
    /// # Errors
    /// If the system gives no random bytes.
    pub fn build(mut self) -> io::Result<Inspector> {
        let mut session = [0; 8];
        getrandom::fill(&mut session).map_err(io::Error::other)?;
        self.0.session = hex::encode(session);
        Ok(Inspector(Arc::new(self.0)))
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("receiver", &self.receiver)
            .finish_non_exhaustive()
    }
}
