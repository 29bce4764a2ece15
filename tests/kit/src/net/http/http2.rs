use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{Reason, SendStream};
use http::{HeaderName, HeaderValue, Request};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::Response;
use crate::{PATIENCE, SignedRequest};

/// An HTTP/2 connection without TLS, with prior knowledge.
pub struct Http2 {
    open: SendRequest<Bytes>,
    connection: JoinHandle<Result<(), h2::Error>>,
}

/// A request whose body is in the caller's hands: it can be left open, filled and reset.
pub struct Stream {
    body: SendStream<Bytes>,
    answer: ResponseFuture,
}

impl Http2 {
    pub const NOT_READ: &str = "the server does not read";

    pub async fn connect(addr: SocketAddr) -> Result<Self, String> {
        let connect = async {
            let stream = TcpStream::connect(addr).await.map_err(text)?;
            h2::client::handshake(stream).await.map_err(text)
        };
        let (open, connection) = within("no handshake", connect).await??;
        let connection = tokio::spawn(connection);
        Ok(Self { open, connection })
    }

    /// Sends the head only.
    pub async fn begin(&mut self, request: &SignedRequest) -> Result<Stream, String> {
        self.start(request, false).await
    }

    /// The whole request, and its answer.
    pub async fn exchange(&mut self, request: &SignedRequest) -> Result<Response, String> {
        let empty = request.body.is_empty();
        let mut stream = self.start(request, empty).await?;
        match empty {
            true => stream.answer().await,
            false => stream.exchange(&request.body).await,
        }
    }

    pub fn is_up(&self) -> bool {
        !self.connection.is_finished()
    }

    async fn start(&mut self, request: &SignedRequest, ends: bool) -> Result<Stream, String> {
        let mut head = Request::new(());
        *head.method_mut() = request.method.parse().map_err(text)?;
        *head.uri_mut() = format!("http://localhost{}", request.path)
            .parse()
            .map_err(text)?;
        for (name, value) in &request.headers {
            head.headers_mut().append(
                HeaderName::from_bytes(name.as_bytes()).map_err(text)?,
                HeaderValue::from_bytes(value).map_err(text)?,
            );
        }
        let ready = poll_fn(|context| self.open.poll_ready(context));
        let ready = within("no stream can be opened", ready).await?;
        ready.map_err(text)?;
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
    pub async fn send(&mut self, data: &[u8], ends: bool) -> Result<(), String> {
        within(Http2::NOT_READ, send(&mut self.body, data, ends)).await?
    }

    /// Sends the body while the answer is awaited.
    pub async fn exchange(&mut self, body: &[u8]) -> Result<Response, String> {
        let sending = async {
            // The answer says why, if it fails.
            let _ = send(&mut self.body, body, true).await;
            pending().await
        };
        answer_while(&mut self.answer, sending).await
    }

    /// Sends a little, again and again, until there is an answer.
    pub async fn trickle(&mut self, bit: &[u8], pause: Duration) -> Result<Response, String> {
        let sending = async {
            loop {
                tokio::time::sleep(pause).await;
                let _ = send(&mut self.body, bit, false).await;
            }
        };
        answer_while(&mut self.answer, sending).await
    }

    pub async fn answer(&mut self) -> Result<Response, String> {
        answer_while(&mut self.answer, pending()).await
    }

    pub fn reset(mut self) {
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
    Ok(())
}

async fn answer_while(
    answer: &mut ResponseFuture,
    sending: impl Future<Output = Infallible>,
) -> Result<Response, String> {
    let both = async {
        tokio::select! {
            answer = receive(answer) => answer,
            never = sending => match never {},
        }
    };
    within("no answer", both).await?
}

async fn receive(answer: &mut ResponseFuture) -> Result<Response, String> {
    let (head, mut body) = answer.await.map_err(text)?.into_parts();
    // RFC 9113, section 8.2.2
    if head.headers.contains_key("connection") {
        return Err("an HTTP/2 answer has a Connection header".to_owned());
    }
    let headers = head.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    let mut response = Response {
        http2: true,
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
    let done = timeout(PATIENCE, future).await;
    done.map_err(|_| otherwise.to_owned())
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
