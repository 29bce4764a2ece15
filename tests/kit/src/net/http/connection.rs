use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Response, parse};
use crate::PATIENCE;

/// An HTTP/1.1 connection that sends exactly what it is given.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// Received, but not yet taken.
    received: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The server closed the connection between two answers.
    Closed,
    /// The server closed or reset the connection within an answer.
    Torn,
    /// The server reset the connection between two answers, or refused it.
    Reset,
    /// The server neither answered nor closed the connection.
    Silent,
    NotRead,
    Malformed(String),
}

impl Connection {
    /// Connects to a server that listens.
    pub async fn open(addr: SocketAddr) -> Self {
        Self::connect(addr).await.unwrap()
    }

    pub async fn connect(addr: SocketAddr) -> Result<Self, End> {
        let connected = timeout(PATIENCE, TcpStream::connect(addr)).await;
        let stream = connected.map_err(|_| End::Silent)?.map_err(End::from)?;
        // A test decides what goes into a packet.
        stream.set_nodelay(true)?;
        let received = Vec::new();
        Ok(Self { stream, received })
    }

    /// Sends these bytes. That a server has stopped reading is no failure here: its
    /// answer says why.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.try_send(bytes).await;
    }

    pub async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), End> {
        let sent = timeout(PATIENCE, self.stream.write_all(bytes.as_ref())).await;
        Ok(sent.map_err(|_| End::NotRead)??)
    }

    /// Sends these bytes while answers are received: neither side has to read
    /// everything before the other may send. Ends with the first answer for which
    /// `is_last` returns true; then nothing more is sent.
    pub async fn converse(
        &mut self,
        bytes: impl AsRef<[u8]>,
        mut is_last: impl FnMut(Response) -> bool,
    ) -> Result<(), End> {
        let Self { stream, received } = self;
        let (mut read, mut write) = stream.split();
        let send = async {
            let _ = write.write_all(bytes.as_ref()).await;
            std::future::pending().await
        };
        let receive = async {
            let mut ended = false;
            loop {
                match parse::take(received, ended).map_err(End::Malformed)? {
                    Some(answer) => {
                        if is_last(answer) {
                            return Ok(());
                        }
                    }
                    None if !ended => ended = read.read_buf(received).await? == 0,
                    None if received.is_empty() => return Err(End::Closed),
                    None => return Err(End::Torn),
                }
            }
        };
        let both = async {
            tokio::select! {
                end = receive => end,
                never = send => never,
            }
        };
        timeout(PATIENCE, both).await.map_err(|_| End::Silent)?
    }

    /// Sends these bytes while the answer is awaited.
    pub async fn exchange(&mut self, bytes: impl AsRef<[u8]>) -> Result<Response, End> {
        let mut first = None;
        let take = |answer| first.replace(answer).is_none();
        self.converse(bytes, take).await?;
        first.ok_or(End::Closed)
    }

    pub async fn receive(&mut self) -> Result<Response, End> {
        self.exchange([]).await
    }

    /// Sends a little, again and again, until there is an answer.
    pub async fn trickle(&mut self, bit: &[u8], pause: Duration) -> Result<Response, End> {
        let trickle = async {
            loop {
                match timeout(pause, self.receive()).await {
                    Ok(answer) => return answer,
                    Err(_) => self.send(bit).await,
                }
            }
        };
        timeout(PATIENCE, trickle).await.map_err(|_| End::Silent)?
    }

    /// Sends these bytes again and again, until the server closes the connection.
    pub async fn flood(&mut self, bytes: &[u8]) -> Result<(), End> {
        let flood = async { while self.stream.write_all(bytes).await.is_ok() {} };
        timeout(PATIENCE, flood).await.map_err(|_| End::Silent)
    }

    pub async fn close_sending_side(&mut self) {
        let _ = self.stream.shutdown().await;
    }

    pub fn reset(self) {
        // Fails only if it is closed already.
        let _ = self.stream.set_zero_linger();
    }

    /// Waits until the server closes the connection.
    pub async fn until_closed(&mut self) -> Result<(), String> {
        let mut rest = std::mem::take(&mut self.received);
        // A reset closes as well.
        match timeout(PATIENCE, self.stream.read_to_end(&mut rest)).await {
            Err(_) => Err("the connection was not closed".to_owned()),
            Ok(_) if rest.is_empty() => Ok(()),
            Ok(_) => Err(format!("after the last answer: {}", rest.escape_ascii())),
        }
    }
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Reset
    }
}

impl From<End> for String {
    fn from(end: End) -> Self {
        format!("{end:?}")
    }
}
