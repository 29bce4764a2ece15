use std::time::Duration;

use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;

/// How connections of ours behave on the network.
pub(crate) fn settings() -> TcpSettings {
    TcpSettings::default()
        // Calls are small, and share a connection: one must not wait for the
        // acknowledgement of another.
        .set_nodelay(true)
        .set_keepalive(keepalive())
        // What was not sent when a connection is given up is thrown away with it.
        // Otherwise the operating system goes on trying, and a call could arrive
        // after one that was made later, on another connection.
        .set_linger_time(Duration::ZERO)
}

/// A host that died without a word is noticed half a minute after the last
/// sign of it, and firewalls see that the connection is in use.
fn keepalive() -> TcpKeepalive {
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(15));
    // Elsewhere these are the system's to set.
    #[cfg(any(
        target_os = "android",
        target_os = "dragonfly",
        target_os = "freebsd",
        target_os = "illumos",
        target_os = "ios",
        target_os = "linux",
        target_os = "macos",
        target_os = "netbsd",
        target_os = "windows",
    ))]
    let keepalive = keepalive
        .with_interval(Duration::from_secs(5))
        .with_retries(3);
    keepalive
}
