use redis::{ErrorKind, RedisError, ServerErrorKind};

/// What an error says about the server that sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A replica, which takes no writes.
    Replica,
    /// A node of a cluster that does not hold the key.
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
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Redis 5.0 to 7.0 word it.
    #[test]
    fn a_refusal_is_known_by_its_code_or_its_text() {
        let (replica, node) = (Some(Refusal::Replica), Some(Refusal::ClusterNode));
        for (answer, expected) in [
            (
                "READONLY You can't write against a read only replica.",
                replica,
            ),
            ("MASTERDOWN Link with MASTER is down", replica),
            (
                "ERR Error running script (call to f_30): @user_script:35: -READONLY You can't write",
                replica,
            ),
            (
                "ERR Error running script (call to f_30): @user_script:7: -MASTERDOWN Link with",
                replica,
            ),
            ("MOVED 3999 127.0.0.1:6381", node),
            ("ASK 3999 127.0.0.1:6381", node),
            (
                "TRYAGAIN Multiple keys request during rehashing of slot",
                node,
            ),
            ("CLUSTERDOWN Hash slot not served", node),
            (
                "ERR Error running script (call to f_30): @user_script:35: -OOM command not",
                None,
            ),
            ("FOREIGN the key holds a value that is not a claim", None),
            ("LOADING Redis is loading the dataset in memory", None),
        ] {
            let error = redis::parse_redis_value(format!("-{answer}\r\n").as_bytes())
                .and_then(redis::Value::extract_error)
                .unwrap_err();
            assert_eq!(Refusal::of(&error), expected, "{answer}");
        }
    }
}
