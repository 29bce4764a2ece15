use std::net::SocketAddr;

use axum::routing::MethodRouter;
use nano_webhook_axum::Verifier;
use nano_webhook_inspector::{Inspector, Token};
use receiver_settings::BoxError;
use tokio::net::TcpListener;

/// Where the page listens: an address of this machine only.
const VARIABLE: &str = "NANO_WEBHOOK_INSPECTOR";

/// Records what the route receives and serves the page, if the variable is set.
pub(crate) async fn inspected(
    route: MethodRouter,
    verifier: Verifier,
    receiver: &TcpListener,
) -> Result<MethodRouter, BoxError> {
    let Ok(addr) = std::env::var(VARIABLE) else {
        return Ok(route);
    };
    let addr: SocketAddr = addr.parse()?;
    let inspector = Inspector::builder(format!("http://{}", receiver.local_addr()?)).build()?;
    let page = inspector.listen(addr, Token::random()?).await?;
    tracing::warn!("inspector at {}; this build is for development", page.url());
    tokio::spawn(page.serve());
    Ok(route.layer(inspector.layer(verifier)))
}
