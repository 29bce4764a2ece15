use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::web::ServiceConfig;
use actix_web::{App, HttpServer, rt};
use axum::Router;
use tokio::runtime::{Builder, Runtime};

/// A router served in this process, on a runtime of its own, so that its tasks can
/// be counted.
#[derive(Debug)]
pub struct AxumServer {
    /// Where it listens.
    pub addr: SocketAddr,
    runtime: Option<Runtime>,
}

impl AxumServer {
    /// Starts it on a free port.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn start(router: Router) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        runtime.spawn(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            // HTTP/1, and HTTP/2 with prior knowledge.
            axum::serve(listener, router).await.unwrap();
        });
        Self {
            addr,
            runtime: Some(runtime),
        }
    }

    /// The tasks that are alive: one accepts, the others serve a connection each.
    #[must_use]
    pub fn tasks(&self) -> usize {
        let runtime = self.runtime.as_ref();
        runtime.map_or(0, |runtime| runtime.metrics().num_alive_tasks())
    }
}

impl Drop for AxumServer {
    fn drop(&mut self) {
        // From inside another runtime, waiting for it to end would panic.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// An actix application served in this process, on threads of its own.
#[derive(Debug)]
pub struct ActixServer {
    /// Where it listens.
    pub addr: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl ActixServer {
    /// Starts it with two workers on a free port.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn start(configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let (handles, started) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            rt::System::new().block_on(async move {
                let server = HttpServer::new(move || App::new().configure(configure.clone()))
                    .workers(2)
                    .disable_signals()
                    .listen_auto_h2c(listener)
                    .unwrap()
                    .run();
                handles.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self {
            addr,
            handle: started.recv().unwrap(),
            thread: Some(thread),
        }
    }
}

impl Drop for ActixServer {
    fn drop(&mut self) {
        // The command is sent by the call; awaiting only waits for its end.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
