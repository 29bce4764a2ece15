//! nano-webhook: send, verify, receive and simulate Nano Banana Pro webhooks
fn main() {}
