//! The smallest adapter is held to what the adapters of frameworks are held to.
#![allow(clippy::unwrap_used)]

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, StatusCode};
use hyper_receiver::{Adapter, Reply, rejection};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use nano_webhook_conformance::{
    Probe, Server, Settings, Target, event_json, run_contract, run_dedupe_contract,
    run_vectors_over_http,
};
use nano_webhook_core::dedupe::Dedupe;
use nano_webhook_core::{Delivery, WebhookError};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

struct Hyper;

#[tokio::test]
async fn vectors() {
    run_vectors_over_http(&Hyper).await;
}

#[tokio::test]
async fn contract() {
    run_contract(&Hyper).await;
}

#[tokio::test]
async fn claims() {
    run_dedupe_contract(&Hyper).await;
}

impl Target for Hyper {
    async fn start(&self, settings: Settings) -> Server {
        let adapter = Adapter {
            verifier: settings.verifier(),
            dedupe: None,
        };
        serve(move |request| adapter.clone().answer(request, echo)).await
    }

    async fn start_unconfigured(&self) -> Server {
        let error = WebhookError::not_configured("give the adapter a verifier");
        serve(move |request| std::future::ready(rejection(&error, request.version()))).await
    }

    async fn start_with_dedupe(&self, settings: Settings, dedupe: Dedupe, probe: Probe) -> Server {
        let adapter = Adapter {
            verifier: settings.verifier(),
            dedupe: Some(dedupe),
        };
        serve(move |request| {
            let probe = probe.clone();
            let handler = async move |delivery: Delivery| {
                let mut reply = Reply::default();
                *reply.status_mut() = StatusCode::from_u16(probe.handle(&delivery).await).unwrap();
                reply
            };
            adapter
                .clone()
                .answer(request, |delivery| async move { handler(delivery).await })
        })
        .await
    }
}

async fn echo(delivery: Delivery) -> Reply {
    Reply::new(Full::from(event_json(&delivery).to_string()))
}

async fn serve<F>(answer: impl Fn(Request<Incoming>) -> F + Clone + Send + 'static) -> Server
where
    F: Future<Output = hyper::Response<Full<Bytes>>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let answer = answer.clone();
            connections.spawn(async move {
                let service = service_fn(move |request| {
                    let reply = answer(request);
                    async { Ok::<_, Infallible>(reply.await) }
                });
                let mut http = auto::Builder::new(TokioExecutor::new());
                http.http1().timer(TokioTimer::new());
                // A client that goes away is no failure of the server.
                let _ = http.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Server::new(addr, tasks)
}
