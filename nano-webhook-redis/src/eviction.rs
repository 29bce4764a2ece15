use redis::aio::MultiplexedConnection;

/// Warns of a server that may throw claims away when its memory is full. A
/// server that does not tell is trusted.
pub(crate) async fn check(connection: &mut MultiplexedConnection) {
    let mut command = redis::cmd("INFO");
    command.arg("memory");
    let Ok(info) = command.query_async::<String>(connection).await else {
        return;
    };
    if let Some(policy) = evicting_policy(&info) {
        tracing::warn!(
            policy,
            "Redis evicts keys when its memory is full, claims among them: a delivery could be handled twice; set maxmemory-policy to noeviction"
        );
    }
}

/// The policy, if it can evict keys that expire, which all of ours do.
fn evicting_policy(info: &str) -> Option<&str> {
    let field = |name| {
        info.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.trim())
    };
    let policy = field("maxmemory_policy")?;
    let bounded = field("maxmemory").is_some_and(|bytes| bytes != "0");
    (bounded && policy != "noeviction").then_some(policy)
}

#[cfg(test)]
mod tests {
    use super::evicting_policy;

    #[test]
    fn only_a_bounded_server_evicts() {
        for (info, expected) in [
            ("maxmemory:0\r\nmaxmemory_policy:noeviction\r\n", None),
            ("maxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n", None),
            ("maxmemory:1000\r\nmaxmemory_policy:noeviction\r\n", None),
            (
                "maxmemory:1000\r\nmaxmemory_policy:volatile-ttl\r\n",
                Some("volatile-ttl"),
            ),
            ("# Memory\r\nmaxmemory_human:1K\r\n", None),
            ("", None),
        ] {
            assert_eq!(evicting_policy(info), expected, "{info}");
        }
    }
}
