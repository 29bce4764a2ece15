use std::time::Duration;

use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;

/// The TCP options of a connection that the store makes.
pub(crate) fn settings(response_timeout: Duration) -> TcpSettings {
    let settings = TcpSettings::default()
        // Calls are small and share a connection: none must wait for the
        // acknowledgement of another.
        .set_nodelay(true)
        .set_keepalive(keepalive())
        // Unsent data is discarded when a connection is given up. Otherwise the
        // operating system would go on sending it, and a call could take effect
        // after a later one that went over the next connection.
        .set_linger_time(Duration::ZERO);
    // The operating system closes a connection on which the peer acknowledges
    // nothing for this long after the first retransmission. A frozen server
    // still acknowledges. A quarter leaves time to repeat the call.
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    let settings = settings.set_user_timeout(response_timeout / 4);
    #[cfg(not(any(target_os = "android", target_os = "fuchsia", target_os = "linux")))]
    let _ = response_timeout;
    settings
}

/// An idle connection whose peer is gone is closed after about 20 seconds, and
/// firewalls see that the connection is in use.
fn keepalive() -> TcpKeepalive {
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(15));
    // Elsewhere the system sets these.
    #[cfg(any(
        target_os = "android",
        target_os = "freebsd",
        target_os = "fuchsia",
        target_os = "ios",
        target_os = "linux",
        target_os = "macos",
        target_os = "windows",
    ))]
    let keepalive = keepalive.with_interval(Duration::from_secs(5));
    keepalive
}
