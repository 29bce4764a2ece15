//! Every vector of `conformance/vectors`, in one piece and in chunks.

#[test]
fn all_vectors() {
    nano_webhook_conformance::run_vectors_in_core();
}
