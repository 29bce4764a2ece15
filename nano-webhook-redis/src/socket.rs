use std::time::Duration;

use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;

/// The TCP options of a connection that the store makes.
pub(crate) fn settings(response_timeout: Duration) -> TcpSettings {
    // Firewalls see that an idle connection is in use.
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(15));
    let settings = TcpSettings::default()
        // Calls are small and share a connection: none must wait for the
        // acknowledgement of another.
        .set_nodelay(true)
        // Unsent data is discarded when a connection is given up. Otherwise the
        // system would go on sending it, and a call could take effect after a later
        // one on the next connection.
        .set_linger_time(Duration::ZERO);
    // The system closes a connection whose peer has acknowledged nothing for the user
    // timeout since the first retransmission. A frozen server still acknowledges. A
    // quarter leaves time to repeat the call.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    let (keepalive, settings) = (
        keepalive.with_interval(Duration::from_secs(5)),
        settings.set_user_timeout(response_timeout / 4),
    );
    #[cfg(not(any(target_os = "android", target_os = "linux")))]
    let _ = response_timeout;
    settings.set_keepalive(keepalive)
}
