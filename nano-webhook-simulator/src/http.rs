//! The HTTP client that deliveries and [`Control`](crate::Control) share.

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use nano_webhook_fetch::{Connector, Reach};

use crate::error::{Error, ErrorKind};

pub(crate) type Http = Client<Connector, Full<Bytes>>;

pub(crate) const USER_AGENT: &str = concat!("nano-webhook-simulator/", env!("CARGO_PKG_VERSION"));

/// Every request opens a connection, so none is sent on a connection that the
/// server is about to close. Uses no proxy and follows no redirections: both
/// could lead outside the reach.
pub(crate) fn client(reach: Reach) -> Result<Http, Error> {
    let connector = Connector::new(reach).map_err(|source| {
        Error::new(ErrorKind::Start, "the HTTP client cannot be set up").because(source)
    })?;
    Ok(Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        // As the provider's page spells the headers of a delivery.
        .http1_title_case_headers(true)
        .build(connector))
}
