use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

/// A request that a receiver got.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A receiver with prepared answers; it repeats the last one.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    inner: Arc<Inner>,
}

struct Inner {
    received: Mutex<Vec<Received>>,
    answers: Vec<Answer>,
}

type Answer = Box<dyn Fn() -> Response + Send + Sync>;

pub(crate) fn status(status: u16) -> Answer {
    answer(StatusCode::from_u16(status).unwrap())
}

pub(crate) fn answer<R: IntoResponse + Clone + Send + Sync + 'static>(answer: R) -> Answer {
    Box::new(move || answer.clone().into_response())
}

impl Receiver {
    pub(crate) async fn start(answers: Vec<Answer>) -> Self {
        let inner = Arc::new(Inner {
            received: Mutex::default(),
            answers,
        });
        let router = Router::new()
            .fallback(
                async |State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes| {
                    let mut received = inner.received.lock().unwrap();
                    let position = received.len().min(inner.answers.len() - 1);
                    received.push(Received { headers, body });
                    (inner.answers[position])()
                },
            )
            .with_state(Arc::clone(&inner));
        Self {
            url: serve(router).await,
            inner,
        }
    }

    pub(crate) async fn accepting() -> Self {
        Self::start(vec![status(200)]).await
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inner.received.lock().unwrap().clone()
    }
}

/// Serves until the test ends.
pub(crate) async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/webhook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// A port that refuses connections. The socket keeps it bound, so no other
/// process can take it.
pub(crate) async fn deaf() -> (String, tokio::net::TcpSocket) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/webhook", socket.local_addr().unwrap());
    (url, socket)
}

/// A port that accepts connections and does not answer.
pub(crate) async fn mute() -> (String, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/webhook", listener.local_addr().unwrap());
    (url, listener)
}
