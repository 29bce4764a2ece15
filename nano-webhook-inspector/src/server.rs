use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Sleep;

use crate::gate::Gate;
use crate::inspector::Inspector;
use crate::routes;
use crate::token::Token;

/// A page that listens and is not served yet.
#[derive(Debug)]
#[must_use = "call `serve`"]
pub struct Page {
    inspector: Inspector,
    listener: TcpListener,
    addr: SocketAddr,
    token: Token,
}

impl Inspector {
    /// Listens for the page's requests on an address of its own: never the one that a
    /// tunnel or a proxy exposes.
    ///
    /// # Errors
    /// If the address is in use, or if other machines can reach it: the page has
    /// everything that your provider sends. Call [`listen_anywhere`](Self::listen_anywhere)
    /// if that is what you want.
    pub async fn listen(&self, addr: SocketAddr, token: Token) -> io::Result<Page> {
        if addr.ip().to_canonical().is_loopback() {
            return self.listen_anywhere(addr, token).await;
        }
        Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{addr} is not an address of this machine only"),
        ))
    }

    /// [`listen`](Self::listen) without the check. The token travels unencrypted.
    ///
    /// # Errors
    /// If the address is in use.
    pub async fn listen_anywhere(&self, addr: SocketAddr, token: Token) -> io::Result<Page> {
        let listener = TcpListener::bind(addr).await?;
        Ok(Page {
            inspector: self.clone(),
            addr: listener.local_addr()?,
            listener,
            token,
        })
    }
}

impl Page {
    /// A reader that takes nothing for so long is cut off: 10 s.
    pub const PATIENCE: Duration = Duration::from_secs(10);

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The URL to open. It ends with the token, in the fragment, which browsers do not
    /// send.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/#{}", self.addr, self.token.text())
    }

    /// Serves until the future is dropped.
    ///
    /// # Errors
    /// None today.
    pub async fn serve(self) -> io::Result<()> {
        let gate = Arc::new(Gate {
            token: self.token,
            addr: self.addr,
        });
        let routes = routes::router(self.inspector, gate);
        axum::serve(Impatient(self.listener), routes).await
    }
}

struct Impatient(TcpListener);

impl Listener for Impatient {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, addr) = Listener::accept(&mut self.0).await;
        (
            Connection {
                stream,
                stuck: None,
            },
            addr,
        )
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// Ends when its reader takes nothing for too long.
struct Connection {
    stream: TcpStream,
    stuck: Option<Pin<Box<Sleep>>>,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, buffer);
        if written.is_ready() {
            self.stuck = None;
            return written;
        }
        let wait = || Box::pin(tokio::time::sleep(Page::PATIENCE));
        let stuck = self.stuck.get_or_insert_with(wait);
        ready!(stuck.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
