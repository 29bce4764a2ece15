//! The contract that all receiver examples share.

#[actix_web::test]
async fn contract() {
    nano_webhook_conformance::run_receiver_contract(env!("CARGO_BIN_EXE_actix-receiver")).await;
}
