use redis::aio::MultiplexedConnection;

/// Warns if the server may drop claims when its memory is full. A server that
/// does not answer `INFO` is trusted.
pub(crate) async fn check(mut connection: MultiplexedConnection) {
    let mut command = redis::cmd("INFO");
    let info = command.arg("memory").query_async::<String>(&mut connection);
    let Ok(info) = info.await else { return };
    if let Some(policy) = evicting_policy(&info) {
        tracing::warn!(
            policy,
            "redis may evict claims when its memory is full, and deliveries would be handled twice; set maxmemory-policy to noeviction"
        );
    }
}

/// The policy, if it can evict keys that expire.
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
