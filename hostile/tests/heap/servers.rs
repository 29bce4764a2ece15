//! A receiver of each framework, with the library or without. Both count what
//! passes, in the same way.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::{HttpMessage as _, web};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::routing::post;
use futures_util::StreamExt as _;
use http_body_util::BodyExt as _;
use nano_webhook_axum::{Secret, Verifier, Webhook, WebhookLayer};
use nano_webhook_hostile::{ActixServer, AxumServer};

use crate::SECRET;

/// What takes the body in.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    /// The framework's own extractor.
    Bytes,
    /// Ours.
    Webhook,
}

/// What passed.
#[derive(Default)]
pub(crate) struct Seen {
    requests: AtomicUsize,
    bytes: AtomicUsize,
}

impl Seen {
    fn request(&self) {
        self.requests.fetch_add(1, Ordering::SeqCst);
    }

    fn bytes(&self, count: usize) {
        self.bytes.fetch_add(count, Ordering::SeqCst);
    }

    pub(crate) fn get(&self) -> (usize, usize) {
        let [requests, bytes] = [&self.requests, &self.bytes].map(|n| n.load(Ordering::SeqCst));
        (requests, bytes)
    }
}

pub(crate) enum Server {
    Axum(AxumServer),
    Actix(ActixServer),
}

impl Server {
    pub(crate) fn addr(&self) -> SocketAddr {
        match self {
            Self::Axum(server) => server.addr,
            Self::Actix(server) => server.addr,
        }
    }
}

fn verifier() -> Verifier {
    Verifier::new(Secret::new(SECRET).unwrap())
}

pub(crate) fn axum(way: Way, seen: &Arc<Seen>) -> (&'static str, Server) {
    let seen = Arc::clone(seen);
    let count = axum::middleware::map_request(move |request: Request| {
        seen.request();
        let seen = Arc::clone(&seen);
        std::future::ready(request.map(|body| {
            Body::new(body.map_frame(move |frame| {
                seen.bytes(frame.data_ref().map_or(0, Bytes::len));
                frame
            }))
        }))
    });
    let route = match way {
        Way::Bytes => post(async |_: Bytes| ()),
        Way::Webhook => post(async |_: Webhook| ()).layer(WebhookLayer::new(verifier())),
    };
    let router = Router::new().route("/webhook", route.layer(count));
    ("axum", Server::Axum(AxumServer::start(router)))
}

pub(crate) fn actix(way: Way, seen: &Arc<Seen>) -> (&'static str, Server) {
    let seen = Arc::clone(seen);
    let config = nano_webhook_actix::WebhookConfig::new(verifier());
    let server = ActixServer::start(move |app| {
        let seen = Arc::clone(&seen);
        let count = from_fn(move |request, next| count(Arc::clone(&seen), request, next));
        let resource = web::resource("/webhook").app_data(config.clone());
        app.service(match way {
            Way::Bytes => resource.route(web::post().to(async |_: Bytes| "").wrap(count)),
            Way::Webhook => {
                let handler = async |_: nano_webhook_actix::Webhook| "";
                resource.route(web::post().to(handler).wrap(count))
            }
        });
    });
    ("actix", Server::Actix(server))
}

async fn count<B: MessageBody>(
    seen: Arc<Seen>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> actix_web::Result<ServiceResponse<B>> {
    seen.request();
    let payload = request.take_payload().inspect(move |chunk| {
        seen.bytes(chunk.as_ref().map_or(0, Bytes::len));
    });
    let payload = Box::pin(payload);
    request.set_payload(Payload::Stream { payload });
    next.call(request).await
}
