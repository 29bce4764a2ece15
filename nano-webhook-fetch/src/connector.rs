use std::error::Error;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use std::{io, vec};

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::reach::{Reach, ReachError};

#[cfg(feature = "tls")]
type Inner = hyper_rustls::HttpsConnector<HttpConnector<Resolver>>;
#[cfg(not(feature = "tls"))]
type Inner = HttpConnector<Resolver>;

#[cfg(feature = "tls")]
type Stream = hyper_rustls::MaybeHttpsStream<TokioIo<TcpStream>>;
#[cfg(not(feature = "tls"))]
type Stream = TokioIo<TcpStream>;

type Boxed<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Connects hyper-util's client to hosts within a [`Reach`], and to no others.
///
/// The addresses that were judged are the ones that are connected to. Connecting
/// fails after 10 seconds.
///
/// ```
/// use http_body_util::Empty;
/// use hyper_util::client::legacy::Client;
/// use hyper_util::rt::TokioExecutor;
/// use nano_webhook_fetch::{Connector, Reach, ReachError};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client: Client<_, Empty<&[u8]>> =
///     Client::builder(TokioExecutor::new()).build(Connector::new(Reach::Public)?);
/// let error = client.get("http://localhost:3000/".parse()?).await.unwrap_err();
/// assert!(matches!(ReachError::find(&error), Some(ReachError::NotAllowed { .. })));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Connector {
    reach: Reach,
    inner: Inner,
}

impl Connector {
    /// A connector to the hosts within this reach.
    ///
    /// # Errors
    /// [`io::Error`] if the certificates of the operating system cannot be read;
    /// only with the feature `tls`.
    pub fn new(reach: Reach) -> io::Result<Self> {
        let mut http = HttpConnector::new_with_resolver(Resolver(reach));
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        http.enforce_http(cfg!(not(feature = "tls")));
        #[cfg(feature = "tls")]
        let http = hyper_rustls::HttpsConnectorBuilder::new()
            .with_provider_and_platform_verifier(rustls::crypto::aws_lc_rs::default_provider())?
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        Ok(Self { reach, inner: http })
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Boxed<Self::Response, Self::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        // The inner connector resolves names only, not addresses.
        let mut checked = self.reach.check(uri.host().unwrap_or_default());
        if cfg!(not(feature = "tls")) && uri.scheme_str() == Some("https") {
            checked = checked.and(Err(ReachError::TlsDisabled));
        }
        let connecting = checked.map(|()| self.inner.call(uri));
        Box::pin(async move {
            let stream = connecting?.await?;
            Ok(stream)
        })
    }
}

#[derive(Clone, Debug)]
struct Resolver(Reach);

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = ReachError;
    type Future = Boxed<Self::Response, Self::Error>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let reach = self.0;
        // The connector sets the port.
        Box::pin(async move { Ok(reach.resolve(name.as_str(), 0).await?.into_iter()) })
    }
}
