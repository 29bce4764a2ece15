use redis::{ConnectionAddr, ConnectionInfo};

/// Whether this is a `rediss://`.
pub(crate) fn is_asked_for(info: &ConnectionInfo) -> bool {
    matches!(info.addr(), ConnectionAddr::TcpTls { .. })
}

/// Settles on a provider of cryptography for the process, unless it has one.
///
/// rustls panics when the crates of a program enable several of them and none
/// was chosen; a store must not. Only for connections that need it: a process has
/// one provider, and which one is the program's to choose.
pub(crate) fn settle_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Somebody else may just have been faster, which is as good.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
}
