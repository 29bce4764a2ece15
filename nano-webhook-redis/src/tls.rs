/// Settles on a provider of cryptography for the process, unless it has one.
///
/// rustls panics when the crates of a program enable several of them and none
/// was chosen; a store must not.
pub(crate) fn settle_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Somebody else may just have been faster, which is as good.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
}
