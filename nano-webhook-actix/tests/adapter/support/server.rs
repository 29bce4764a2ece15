use std::net::SocketAddr;

use actix_web::dev::ServerHandle;
use actix_web::rt::task::JoinHandle;
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpServer, rt};

use nano_webhook_conformance::{Connection, Response};

use super::wire;

/// A server on a free port, with HTTP/1 and HTTP/2 without TLS.
pub(crate) struct TestServer {
    pub(crate) addr: SocketAddr,
    pub(crate) handle: ServerHandle,
    pub(crate) ended: JoinHandle<std::io::Result<()>>,
}

impl TestServer {
    pub(crate) fn start(configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) -> Self {
        Self::with_workers(1, configure)
    }

    pub(crate) fn with_workers(
        workers: usize,
        configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
    ) -> Self {
        let server = HttpServer::new(move || App::new().configure(configure.clone()))
            .workers(workers)
            .disable_signals()
            .shutdown_timeout(60)
            .bind_auto_h2c("127.0.0.1:0")
            .unwrap();
        let addr = server.addrs()[0];
        let server = server.run();
        Self {
            addr,
            handle: server.handle(),
            ended: rt::spawn(server),
        }
    }

    pub(crate) async fn connect(&self) -> Connection {
        Connection::open(self.addr).await
    }

    /// Delivers, over a connection of its own.
    pub(crate) async fn deliver(&self, task: &str) -> Response {
        let mut connection = self.connect().await;
        connection.exchange(wire(task).as_bytes()).await.unwrap()
    }
}
