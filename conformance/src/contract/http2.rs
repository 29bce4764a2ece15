//! HTTP/2 without TLS: streams instead of connections.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::report::Report;
use crate::settings::Settings;
use crate::signed::SignedRequest;
use crate::target::{Server, Target};

const HANG: Duration = Duration::from_secs(20);

pub(super) async fn run(target: &impl Target, report: &mut Report) {
    let server = target.start(Settings::default()).await;
    report.add("HTTP/2", row(&server).await);
}

async fn row(server: &Server) -> Result<(), String> {
    let stream = TcpStream::connect(server.addr)
        .await
        .map_err(|error| error.to_string())?;
    let (mut sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    tokio::spawn(connection);

    let fine = SignedRequest::for_task("h2");
    let stale = SignedRequest::signed_at(
        Settings::NOW.saturating_sub(Duration::from_secs(3600)),
        "{}",
    );
    // The second never sends its body, and keeps its stream open.
    for (name, request, body, status) in [
        ("a delivery", &fine, Some(fine.body.clone()), 200),
        ("a stale head", &stale, None, 401),
        ("a delivery after that", &fine, Some(fine.body.clone()), 200),
    ] {
        let answer = send(&mut sender, request, OpenBody(body))
            .await
            .map_err(|error| format!("{name}: {error}"))?;
        if answer.status() != status {
            return Err(format!("{name}: got {}", answer.status()));
        }
        if answer.headers().contains_key("connection") {
            return Err(format!("{name}: has a Connection header"));
        }
        let body = answer
            .into_body()
            .collect()
            .await
            .map_err(|error| error.to_string())?;
        if body.to_bytes().is_empty() {
            return Err(format!("{name}: no body"));
        }
    }
    Ok(())
}

async fn send(
    sender: &mut SendRequest<OpenBody>,
    signed: &SignedRequest,
    body: OpenBody,
) -> Result<Response<hyper::body::Incoming>, String> {
    let mut request = Request::post("http://localhost/webhook");
    for (name, value) in &signed.headers {
        request = request.header(name, value.as_slice());
    }
    let request = request.body(body).map_err(|error| error.to_string())?;
    sender.ready().await.map_err(|error| error.to_string())?;
    timeout(HANG, sender.send_request(request))
        .await
        .map_err(|_| "no answer".to_owned())?
        .map_err(|error| error.to_string())
}

/// A body that is all there, or one that never comes and never ends.
struct OpenBody(Option<Vec<u8>>);

impl Body for OpenBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut self.0 {
            None => Poll::Pending,
            Some(body) if body.is_empty() => Poll::Ready(None),
            Some(body) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(body).into())))),
        }
    }
}
