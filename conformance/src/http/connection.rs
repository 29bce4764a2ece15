use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::{Response, parse};
use crate::patience::{NO_ANSWER, NOT_READ, PATIENCE};

/// An HTTP/1.1 connection that sends exactly what it is given.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// Received, but not yet taken.
    received: Vec<u8>,
    patience: Duration,
}

impl Connection {
    /// Connects. Whatever takes longer than half a minute counts as hung.
    ///
    /// # Panics
    /// If nobody listens.
    pub async fn open(addr: SocketAddr) -> Self {
        Self::with_patience(addr, PATIENCE).await.unwrap()
    }

    pub(crate) async fn with_patience(
        addr: SocketAddr,
        patience: Duration,
    ) -> Result<Self, String> {
        let connected = timeout(patience, TcpStream::connect(addr)).await;
        let stream = connected
            .map_err(|_| "nobody accepts connections".to_owned())?
            .map_err(|error| format!("nobody listens: {error}"))?;
        // A row decides what goes into a packet.
        stream
            .set_nodelay(true)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            stream,
            received: Vec::new(),
            patience,
        })
    }

    /// Sends these bytes. That a server has stopped reading is no failure here:
    /// its answer says why.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = self.try_send(bytes).await;
    }

    /// Sends these bytes.
    ///
    /// # Errors
    /// If the server has closed the connection, or does not read.
    pub async fn try_send(&mut self, bytes: &[u8]) -> Result<(), String> {
        let sent = timeout(self.patience, self.stream.write_all(bytes)).await;
        let sent = sent.map_err(|_| NOT_READ)?;
        sent.map_err(|error| format!("the server has hung up: {error}"))
    }

    /// Sends these bytes while the answer is awaited: neither side has to take
    /// everything in before the other may speak. Once the answer is there,
    /// nothing more is sent.
    ///
    /// # Errors
    /// What is wrong with the answer.
    pub async fn exchange(&mut self, bytes: &[u8]) -> Result<Response, String> {
        let Self {
            stream,
            received,
            patience,
        } = self;
        let (mut read, mut write) = stream.split();
        let send = async {
            // The answer says why, if it fails.
            let _ = write.write_all(bytes).await;
            std::future::pending::<()>().await;
        };
        let receive = async {
            let mut ended = false;
            loop {
                if let Some(answer) = parse::take(received, ended)? {
                    return Ok(answer);
                }
                ended = read_more(&mut read, received, ended).await?;
            }
        };
        let both = async {
            tokio::select! {
                answer = receive => answer,
                () = send => Err("unreachable".to_owned()),
            }
        };
        timeout(*patience, both).await.map_err(|_| NO_ANSWER)?
    }

    /// The next answer.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn receive(&mut self) -> Result<Response, String> {
        self.exchange(&[]).await
    }

    /// Sends a little, again and again, until there is an answer.
    pub(crate) async fn trickle(
        &mut self,
        bit: &[u8],
        pause: Duration,
    ) -> Result<Response, String> {
        let patience = self.patience;
        let trickle = async {
            let mut ended = false;
            loop {
                if let Some(answer) = parse::take(&mut self.received, ended)? {
                    return Ok(answer);
                }
                let (mut read, mut write) = self.stream.split();
                tokio::select! {
                    more = read_more(&mut read, &mut self.received, ended) => ended = more?,
                    () = sleep(pause) => {
                        let _ = write.write_all(bit).await;
                    }
                }
            }
        };
        timeout(patience, trickle).await.map_err(|_| NO_ANSWER)?
    }

    /// Sends without end, until the server has hung up.
    ///
    /// # Errors
    /// If it reads on, or neither reads nor hangs up.
    pub(crate) async fn flood(&mut self, bytes: &[u8]) -> Result<(), String> {
        let flood = async { while self.stream.write_all(bytes).await.is_ok() {} };
        timeout(self.patience, flood)
            .await
            .map_err(|_| "the server does not hang up on an endless body".to_owned())
    }

    /// No more will be sent.
    pub async fn close_sending_side(&mut self) {
        let _ = self.stream.shutdown().await;
    }

    /// Hangs up with a reset: what is on its way is lost.
    pub(crate) fn reset(self) -> Result<(), String> {
        self.stream
            .set_zero_linger()
            .map_err(|error| error.to_string())
    }

    /// Waits for the server to close the connection.
    ///
    /// # Errors
    /// If it does not, or says something more.
    pub async fn until_closed(&mut self) -> Result<(), String> {
        let mut rest = std::mem::take(&mut self.received);
        // A reset closes as well.
        match timeout(self.patience, self.stream.read_to_end(&mut rest)).await {
            Err(_) => Err("the connection was not closed".to_owned()),
            Ok(_) if rest.is_empty() => Ok(()),
            Ok(_) => Err(format!(
                "after the last answer came {:?}",
                String::from_utf8_lossy(&rest)
            )),
        }
    }
}

/// Whether nothing more will come.
async fn read_more(
    read: &mut (impl tokio::io::AsyncRead + Unpin),
    received: &mut Vec<u8>,
    ended: bool,
) -> Result<bool, String> {
    if ended {
        return Err(match received.is_empty() {
            true => "closed without an answer".to_owned(),
            false => "closed within an answer".to_owned(),
        });
    }
    match read.read_buf(received).await {
        Ok(count) => Ok(count == 0),
        Err(error) => Err(format!("broken before the answer was there: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    const ANSWER: &[u8] = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno";
    const SHORT: Duration = Duration::from_millis(100);

    /// A connection to a server that does as it is told.
    async fn with<F: Future<Output = ()> + Send>(
        server: impl FnOnce(TcpStream) -> F + Send + 'static,
        patience: Duration,
    ) -> Connection {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(async move { server(listener.accept().await.unwrap().0).await });
        Connection::with_patience(addr, patience).await.unwrap()
    }

    async fn for_ever(stream: TcpStream) {
        std::future::pending::<()>().await;
        drop(stream);
    }

    #[tokio::test]
    async fn an_answer_before_the_request_was_read() {
        let mut connection = with(
            async |mut stream| {
                stream.write_all(ANSWER).await.unwrap();
                for_ever(stream).await;
            },
            PATIENCE,
        )
        .await;
        // More than the buffers between the two can hold.
        let answer = connection.exchange(&vec![0; 32 << 20]).await.unwrap();
        assert_eq!((answer.status, &*answer.text()), (401, "no"));
    }

    #[tokio::test]
    async fn an_answer_before_a_reset() {
        let mut connection = with(
            async |mut stream| {
                stream.write_all(ANSWER).await.unwrap();
                let mut one = [0];
                stream.read_exact(&mut one).await.unwrap();
                // Closed with bytes unread: that is a reset.
            },
            PATIENCE,
        )
        .await;
        let mut sent = 0;
        while connection.try_send(&[0; 4096]).await.is_ok() {
            sent += 1;
            assert!(sent < 1 << 20);
        }
        assert_eq!(connection.receive().await.unwrap().status, 401);
        assert_eq!(connection.until_closed().await, Ok(()));
    }

    #[tokio::test]
    async fn answers_in_pieces_and_in_one() {
        let mut connection = with(
            async |mut stream| {
                for byte in ANSWER {
                    stream.write_all(&[*byte]).await.unwrap();
                    tokio::task::yield_now().await;
                }
                stream.write_all(&[ANSWER, ANSWER].concat()).await.unwrap();
            },
            PATIENCE,
        )
        .await;
        for _ in 0..3 {
            assert_eq!(connection.receive().await.unwrap().status, 401);
        }
        assert_eq!(
            connection.receive().await,
            Err("closed without an answer".to_owned())
        );
    }

    #[tokio::test]
    async fn half_an_answer() {
        let mut connection = with(
            async |mut stream| stream.write_all(&ANSWER[..ANSWER.len() - 1]).await.unwrap(),
            PATIENCE,
        )
        .await;
        assert_eq!(
            connection.receive().await,
            Err("closed within an answer".to_owned())
        );
    }

    #[tokio::test]
    async fn a_server_that_says_nothing() {
        let mut connection = with(for_ever, SHORT).await;
        assert_eq!(connection.receive().await, Err(NO_ANSWER.to_owned()));
        let trickled = connection.trickle(b"x", Duration::from_millis(1)).await;
        assert_eq!(trickled, Err(NO_ANSWER.to_owned()));
        assert!(connection.until_closed().await.is_err());
        assert!(connection.flood(&[0; 4096]).await.is_err());
        assert!(connection.try_send(&vec![0; 32 << 20]).await.is_err());
    }

    #[tokio::test]
    async fn more_than_was_asked_for() {
        let mut connection = with(
            async |mut stream| stream.write_all(&[ANSWER, b"more"].concat()).await.unwrap(),
            PATIENCE,
        )
        .await;
        assert_eq!(connection.receive().await.unwrap().status, 401);
        let error = connection.until_closed().await.unwrap_err();
        assert!(error.contains("more"), "{error}");
    }

    #[tokio::test]
    async fn a_trickle_until_it_is_cut() {
        let mut connection = with(
            async |mut stream| {
                let mut some = [0; 3];
                stream.read_exact(&mut some).await.unwrap();
                stream.write_all(ANSWER).await.unwrap();
            },
            PATIENCE,
        )
        .await;
        let answer = connection.trickle(b"x", Duration::from_millis(1)).await;
        assert_eq!(answer.unwrap().status, 401);
    }
}
