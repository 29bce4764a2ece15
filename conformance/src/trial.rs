use std::net::SocketAddr;

use nano_webhook_test_kit::{Connection, End, Http2, Response, SignedRequest};

use crate::answers;
use crate::settings::Settings;
use crate::table::Check;
use crate::target::Server;

/// How a request goes over the wire.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    ContentLength,
    Chunked,
    Http2,
}

impl Way {
    pub(crate) const ALL: [(Self, &str); 3] = [
        (Self::ContentLength, "with a length"),
        (Self::Chunked, "in chunks"),
        (Self::Http2, "over HTTP/2"),
    ];
}

/// What a row works on: a server and its settings.
pub(crate) struct Trial {
    pub(crate) addr: SocketAddr,
    pub(crate) settings: Settings,
}

impl Trial {
    pub(crate) fn new(server: &Server, settings: Settings) -> Self {
        let addr = server.addr;
        Self { addr, settings }
    }

    pub(crate) async fn connect(&self) -> Result<Connection, End> {
        Connection::connect(self.addr).await
    }

    /// A connection on which these bytes were sent.
    pub(crate) async fn begin(&self, bytes: impl AsRef<[u8]>) -> Result<Connection, End> {
        let mut connection = self.connect().await?;
        connection.send(bytes).await;
        Ok(connection)
    }

    pub(crate) async fn http2(&self) -> Result<Http2, String> {
        Http2::connect(self.addr).await
    }

    /// These bytes on a connection of their own, which is handed back with the answer.
    pub(crate) async fn ask(&self, bytes: &[u8]) -> Result<(Connection, Response), End> {
        let mut connection = self.connect().await?;
        let answer = connection.exchange(bytes).await?;
        Ok((connection, answer))
    }

    pub(crate) async fn exchange(&self, bytes: &[u8]) -> Result<Response, End> {
        Ok(self.ask(bytes).await?.1)
    }

    pub(crate) async fn post(&self, request: &SignedRequest) -> Result<Response, End> {
        self.exchange(&request.whole()).await
    }

    pub(crate) async fn send(&self, way: Way, request: &SignedRequest) -> Result<Response, String> {
        match way {
            Way::ContentLength => Ok(self.post(request).await?),
            Way::Chunked => Ok(self.exchange(&request.chunked(4093)).await?),
            Way::Http2 => self.http2().await?.exchange(request).await,
        }
    }

    /// The delivery reached the handler as it was sent.
    pub(crate) fn accepted(&self, answer: &Response, request: &SignedRequest) -> Check {
        answers::accepted(answer, request)?;
        answers::leaks_nothing(answer, &self.settings, Some(request))
    }

    pub(crate) fn rejected(&self, answer: &Response, code: &str) -> Check {
        answers::rejected(answer, code)?;
        answers::leaks_nothing(answer, &self.settings, None)
    }

    /// Whatever happened before, a delivery on a new connection is handled.
    pub(crate) async fn still_serves(&self) -> Check {
        let request = SignedRequest::for_task("afterwards");
        let answer = self.post(&request).await.map_err(String::from);
        answer
            .and_then(|answer| self.accepted(&answer, &request))
            .map_err(|difference| format!("afterwards: {difference}"))
    }
}
