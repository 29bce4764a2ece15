use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// How long a client may still send to a connection that is being closed.
const LONGEST: Duration = Duration::from_secs(1);

/// How much of it is taken, and thrown away.
const MOST: usize = 16 * 1024 * 1024;

/// A connection that is closed in stages (RFC 9112, section 9.6).
///
/// A request that is refused by its head is answered while its body is still
/// being sent. If the server then simply closed, the system would answer the
/// rest of the body with a reset, and many a client would report a broken pipe
/// instead of the answer. So the sending side is closed first, and what still
/// comes is taken and dropped, within bounds.
pub(crate) struct Lingering {
    stream: TcpStream,
    stage: Stage,
}

enum Stage {
    Open,
    HalfClosed {
        taken: usize,
        deadline: Pin<Box<Sleep>>,
    },
    Closed,
}

impl Lingering {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            stage: Stage::Open,
        }
    }
}

impl AsyncRead for Lingering {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { stream, stage } = self.get_mut();
        let mut stream = Pin::new(stream);
        loop {
            match stage {
                Stage::Open => {
                    ready!(stream.as_mut().poll_shutdown(context))?;
                    *stage = Stage::HalfClosed {
                        taken: 0,
                        deadline: Box::pin(sleep(LONGEST)),
                    };
                }
                Stage::HalfClosed { taken, deadline } => {
                    let mut scratch = [0; 8 * 1024];
                    let mut buffer = ReadBuf::new(&mut scratch);
                    let ended = match stream.as_mut().poll_read(context, &mut buffer) {
                        // A reset ends it too; the answer is out already.
                        Poll::Ready(Ok(())) => buffer.filled().is_empty(),
                        Poll::Ready(Err(_)) => true,
                        Poll::Pending => {
                            ready!(deadline.as_mut().poll(context));
                            true
                        }
                    };
                    *taken += buffer.filled().len();
                    if ended || *taken > MOST {
                        *stage = Stage::Closed;
                    }
                }
                Stage::Closed => return Poll::Ready(Ok(())),
            }
        }
    }
}
