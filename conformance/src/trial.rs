use std::net::SocketAddr;

use nano_webhook_test_kit::{Connection, End, Response, SignedRequest};

use crate::answers;
use crate::http2::Http2;
use crate::settings::Settings;
use crate::table::Check;
use crate::target::Server;

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

    pub(crate) async fn http2(&self) -> Result<Http2, String> {
        Http2::connect(self.addr).await
    }

    /// These bytes on a connection of their own.
    pub(crate) async fn exchange(&self, bytes: &[u8]) -> Result<Response, End> {
        self.connect().await?.exchange(bytes).await
    }

    pub(crate) async fn post(&self, request: &SignedRequest) -> Result<Response, End> {
        self.exchange(&request.whole()).await
    }

    /// The delivery reached the handler as it was sent.
    pub(crate) fn accepted(&self, answer: &Response, request: &SignedRequest) -> Check {
        answers::accepted(answer, request)?;
        answers::leaks_nothing(answer, &self.settings, Some(request))
    }

    /// Refused with this code.
    pub(crate) fn refused(&self, answer: &Response, code: &str) -> Check {
        answers::refused(answer, code)?;
        answers::leaks_nothing(answer, &self.settings, None)
    }

    /// Refused with this code over HTTP/1.1: where the body stays unread the
    /// server says that it closes the connection, elsewhere it does not.
    pub(crate) fn refused_on_http1(&self, answer: &Response, code: &str) -> Check {
        self.refused(answer, code)?;
        match (answers::leaves_body_unread(code), answer.closes()) {
            (true, false) => Err(format!("{code} without Connection: close")),
            (false, true) => Err(format!("{code} with Connection: close")),
            _ => Ok(()),
        }
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
