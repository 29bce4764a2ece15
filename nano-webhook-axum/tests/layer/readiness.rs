//! When the inner service is asked whether it is ready.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::mem::take;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tower::{Layer as _, Service, ServiceBuilder, service_fn};

use crate::{BODY, forged, layer, request};

/// A delivery whose body the test sends when it likes.
fn slow_request() -> (Request<Body>, UnboundedSender<Bytes>) {
    let (chunks, mut receiver) = unbounded_channel();
    let body = stream::poll_fn(move |context| receiver.poll_recv(context));
    let body = Body::from_stream(body.map(Ok::<_, Infallible>));
    (request(BODY).map(|_| body), chunks)
}

/// The inner service is asked whether it is ready only after the verdict, and
/// the very instance that said yes is called.
#[tokio::test]
async fn readiness_comes_after_the_verdict() {
    let asked = Arc::new(AtomicUsize::new(0));
    let mut service = layer().layer(Picky {
        asked: Arc::clone(&asked),
        ready: false,
    });
    let (request, chunks) = slow_request();
    let mut answer = service.call(request);
    assert!((&mut answer).now_or_never().is_none());
    assert_eq!(asked.load(Ordering::SeqCst), 0, "the body is on its way");

    chunks.send(Bytes::from(BODY)).unwrap();
    drop(chunks);
    assert_eq!(answer.await.unwrap().status(), StatusCode::OK);
    assert_eq!(asked.load(Ordering::SeqCst), 1);

    let refused = service.call(forged()).await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(asked.load(Ordering::SeqCst), 1, "asked for a forgery");
}

/// A client that sends a body slowly does not occupy the only place behind the
/// layer.
#[tokio::test]
async fn a_trickler_holds_no_permit() {
    let inner = service_fn(async |_| Ok::<_, Infallible>(Response::new(Body::empty())));
    let limited = ServiceBuilder::new().concurrency_limit(1).service(inner);
    let mut service = layer().layer(limited);
    let (slow, _chunks) = slow_request();
    let mut trickler = service.call(slow);
    assert!((&mut trickler).now_or_never().is_none());
    let whole = service.call(request(BODY)).await.unwrap();
    assert_eq!(whole.status(), StatusCode::OK);
    assert!(trickler.now_or_never().is_none());
}

/// Refuses to be called unless this instance said that it is ready.
struct Picky {
    asked: Arc<AtomicUsize>,
    ready: bool,
}

impl Clone for Picky {
    fn clone(&self) -> Self {
        Self {
            asked: Arc::clone(&self.asked),
            ready: false,
        }
    }
}

impl Service<Request<Body>> for Picky {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        assert!(take(&mut self.ready), "called without being ready");
        ready(Ok(Response::default()))
    }
}
