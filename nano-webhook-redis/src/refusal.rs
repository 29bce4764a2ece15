use redis::{ErrorKind, RedisError, ServerErrorKind};

/// The kind of server that refuses every call, or many of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It takes no writes.
    Replica,
    /// It does not hold the key.
    ClusterNode,
}

impl Refusal {
    pub(crate) fn of(error: &RedisError) -> Option<Self> {
        let ErrorKind::Server(kind) = error.kind() else {
            return None;
        };
        match kind {
            ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown => Some(Self::Replica),
            // Before Redis 7.0, an error within a script has the script's code, and
            // its own is in the text.
            ServerErrorKind::ResponseError => error
                .detail()
                .filter(|text| text.contains("READONLY ") || text.contains("MASTERDOWN "))
                .map(|_| Self::Replica),
            _ => error.is_cluster_error().then_some(Self::ClusterNode),
        }
    }

    /// What the server is, and what to use instead.
    pub(crate) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Replica => ("a replica", "the primary's address"),
            Self::ClusterNode => (
                "a node of a cluster",
                "RedisStore::new and a cluster client",
            ),
        }
    }
}
