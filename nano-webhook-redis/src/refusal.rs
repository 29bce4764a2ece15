use redis::{ErrorKind, RedisError, ServerErrorKind};

/// What an error says of the server that it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is a replica, which takes no writes.
    Replica,
    /// It is a node of a cluster, and not the one for this key, or not now.
    ClusterNode,
}

impl Refusal {
    pub(crate) fn of(error: &RedisError) -> Option<Self> {
        let ErrorKind::Server(kind) = error.kind() else {
            return None;
        };
        match kind {
            ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown => Some(Self::Replica),
            // Before Redis 7.0 an error within a script is one of the script, and
            // its own code is somewhere in the text.
            ServerErrorKind::ResponseError => error
                .detail()
                .filter(|text| text.contains("READONLY ") || text.contains("MASTERDOWN "))
                .map(|_| Self::Replica),
            ServerErrorKind::CrossSlot => Some(Self::ClusterNode),
            _ => error.is_cluster_error().then_some(Self::ClusterNode),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As servers say it, by version.
    #[test]
    fn a_refusal_is_known_by_its_text_as_well() {
        let replica = Some(Refusal::Replica);
        let node = Some(Refusal::ClusterNode);
        for (answer, expected) in [
            // 7.0
            (
                "-READONLY You can't write against a read only replica. script: 30ddcde4b6e8d02f57e04b05e42c4b4f09d2a4d1, on @user_script:35.",
                replica,
            ),
            (
                "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
                replica,
            ),
            // 5.0 and 6.x
            (
                "-ERR Error running script (call to f_30ddcde4b6e8d02f57e04b05e42c4b4f09d2a4d1): @user_script:35: @user_script: 35: -READONLY You can't write against a read only replica. ",
                replica,
            ),
            ("-MOVED 3999 127.0.0.1:6381", node),
            ("-ASK 3999 127.0.0.1:6381", node),
            (
                "-TRYAGAIN Multiple keys request during rehashing of slot",
                node,
            ),
            ("-CLUSTERDOWN Hash slot not served", node),
            (
                "-CROSSSLOT Keys in request don't hash to the same slot",
                node,
            ),
            // As 6.x would say it of a command within a script.
            (
                "-ERR Error running script (call to f_30ddcde4b6e8d02f57e04b05e42c4b4f09d2a4d1): @user_script:7: @user_script: 7: -MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'. ",
                replica,
            ),
            // And those that are no such thing.
            (
                "-ERR Error running script (call to f_30ddcde4b6e8d02f57e04b05e42c4b4f09d2a4d1): @user_script:35: @user_script: 35: -OOM command not allowed when used memory > 'maxmemory'. ",
                None,
            ),
            ("-FOREIGN the key holds something that is not a claim", None),
            ("-LOADING Redis is loading the dataset in memory", None),
            ("-NOSCRIPT No matching script. Please use EVAL.", None),
        ] {
            let error = redis::parse_redis_value(format!("{answer}\r\n").as_bytes())
                .and_then(redis::Value::extract_error)
                .unwrap_err();
            assert_eq!(Refusal::of(&error), expected, "{answer}");
        }
    }
}
