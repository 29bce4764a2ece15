//! HTTP/2 without TLS, with prior knowledge. A stream can be left open, reset,
//! and filled as a row says.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{Reason, SendStream};
use http::{HeaderName, HeaderValue, Request};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use nano_webhook_test_kit::PATIENCE;
use nano_webhook_test_kit::Response;
use nano_webhook_test_kit::SignedRequest;

/// A connection on which streams are opened.
pub(crate) struct Http2 {
    open: SendRequest<Bytes>,
    connection: JoinHandle<Result<(), h2::Error>>,
}

/// A request whose body is in the caller's hands.
pub(crate) struct Stream {
    body: SendStream<Bytes>,
    answer: ResponseFuture,
}

impl Http2 {
    pub(crate) async fn connect(addr: SocketAddr) -> Result<Self, String> {
        let connect = async {
            let stream = TcpStream::connect(addr).await.map_err(text)?;
            h2::client::handshake(stream).await.map_err(text)
        };
        let (open, connection) = within("no handshake", connect).await??;
        Ok(Self {
            open,
            connection: tokio::spawn(connection),
        })
    }

    /// Sends the head only.
    pub(crate) async fn begin(&mut self, request: &SignedRequest) -> Result<Stream, String> {
        self.start(request, &[], false).await
    }

    /// The same, with a header more.
    pub(crate) async fn begin_with(
        &mut self,
        request: &SignedRequest,
        header: (&str, &str),
    ) -> Result<Stream, String> {
        self.start(request, &[header], false).await
    }

    /// The whole request, and its answer.
    pub(crate) async fn exchange(&mut self, request: &SignedRequest) -> Result<Response, String> {
        let empty = request.body.is_empty();
        let mut stream = self.start(request, &[], empty).await?;
        if empty {
            return stream.answer().await;
        }
        stream.exchange(&request.body).await
    }

    /// Whether the connection is still up.
    pub(crate) fn is_up(&self) -> bool {
        !self.connection.is_finished()
    }

    async fn start(
        &mut self,
        request: &SignedRequest,
        more: &[(&str, &str)],
        ends: bool,
    ) -> Result<Stream, String> {
        let mut head = Request::builder()
            .method(request.method)
            .uri("http://localhost/webhook")
            .body(())
            .map_err(text)?;
        let own = request
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()));
        let more = more.iter().map(|(name, value)| (*name, value.as_bytes()));
        for (name, value) in own.chain(more) {
            head.headers_mut().append(
                HeaderName::from_bytes(name.as_bytes()).map_err(text)?,
                HeaderValue::from_bytes(value).map_err(text)?,
            );
        }
        let ready = poll_fn(|context| self.open.poll_ready(context));
        within("no stream can be opened", ready)
            .await?
            .map_err(text)?;
        let (answer, body) = self.open.send_request(head, ends).map_err(text)?;
        Ok(Stream { body, answer })
    }
}

impl Drop for Http2 {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

impl Stream {
    /// Sends a part of the body, as fast as the server takes it.
    pub(crate) async fn send(&mut self, data: &[u8], ends: bool) -> Result<(), String> {
        let send = send(&mut self.body, data, ends);
        within("the server does not read", send).await?
    }

    /// Sends the body while the answer is awaited.
    pub(crate) async fn exchange(&mut self, body: &[u8]) -> Result<Response, String> {
        let sending = async {
            // The answer says why, if it fails.
            let _ = send(&mut self.body, body, true).await;
            std::future::pending::<()>().await;
        };
        let both = async {
            tokio::select! {
                answer = receive(&mut self.answer) => answer,
                () = sending => Err("unreachable".to_owned()),
            }
        };
        within("no answer", both).await?
    }

    /// Sends a little, again and again, until there is an answer.
    pub(crate) async fn trickle(
        &mut self,
        bit: &[u8],
        pause: Duration,
    ) -> Result<Response, String> {
        let trickle = async {
            loop {
                tokio::time::sleep(pause).await;
                let _ = send(&mut self.body, bit, false).await;
            }
        };
        let both = async {
            tokio::select! {
                answer = receive(&mut self.answer) => answer,
                () = trickle => Err("unreachable".to_owned()),
            }
        };
        within("no answer", both).await?
    }

    pub(crate) async fn answer(&mut self) -> Result<Response, String> {
        within("no answer", receive(&mut self.answer)).await?
    }

    pub(crate) fn reset(mut self) {
        self.body.send_reset(Reason::CANCEL);
    }
}

async fn send(body: &mut SendStream<Bytes>, data: &[u8], ends: bool) -> Result<(), String> {
    let mut rest = Bytes::copy_from_slice(data);
    while !rest.is_empty() {
        body.reserve_capacity(rest.len());
        let capacity = poll_fn(|context| body.poll_capacity(context)).await;
        let capacity = capacity.ok_or("the stream is closed")?.map_err(text)?;
        let part = rest.split_to(capacity.min(rest.len()));
        let last = ends && rest.is_empty();
        body.send_data(part, last).map_err(text)?;
    }
    if ends && data.is_empty() {
        body.send_data(Bytes::new(), true).map_err(text)?;
    }
    Ok(())
}

async fn receive(answer: &mut ResponseFuture) -> Result<Response, String> {
    let (head, mut body) = answer.await.map_err(text)?.into_parts();
    let headers = head.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    let mut response = Response {
        status: head.status.as_u16(),
        headers: headers.collect(),
        body: Vec::new(),
    };
    while let Some(data) = body.data().await {
        let data = data.map_err(text)?;
        response.body.extend_from_slice(&data);
        let _ = body.flow_control().release_capacity(data.len());
    }
    Ok(response)
}

async fn within<F: Future>(otherwise: &str, future: F) -> Result<F::Output, String> {
    timeout(PATIENCE, future)
        .await
        .map_err(|_| otherwise.to_owned())
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
