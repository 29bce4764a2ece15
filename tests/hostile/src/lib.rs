//! Servers in this process, for tests that look into them. The tests are the point;
//! see `tests/README.md`.
#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

use std::net::SocketAddr;

use actix_web::web::ServiceConfig;
use actix_web::{App, HttpServer};
use axum::Router;
use tokio::net::TcpListener;

/// Serves a router on a free port: HTTP/1, and HTTP/2 with prior knowledge. Each connection
/// is a task of this runtime, with which it ends.
pub async fn serve_axum(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, router).await });
    addr
}

/// The same for an actix application, with two workers, each on a thread of its own.
pub fn serve_actix(configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) -> SocketAddr {
    let server = HttpServer::new(move || App::new().configure(configure.clone()))
        .workers(2)
        .disable_signals()
        .bind_auto_h2c("127.0.0.1:0")
        .unwrap();
    let addr = server.addrs()[0];
    tokio::spawn(server.run());
    addr
}
