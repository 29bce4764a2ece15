use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// An HTTP/1 connection on which nothing is sent but what it is told to send.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// What came, and was not yet taken.
    buffer: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names in lower case, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// How a connection ended, or failed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// In order: nothing more will come.
    Closed,
    /// By a reset.
    Reset,
    /// In the middle of an answer.
    Torn,
    /// Nothing came for [`Connection::PATIENCE`].
    Silent,
}

impl Connection {
    /// Longer than anything here takes on a loaded machine.
    pub const PATIENCE: Duration = Duration::from_secs(60);

    /// Connects.
    ///
    /// # Errors
    /// If nobody listens.
    pub async fn open(addr: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::new(),
        })
    }

    /// Sends these bytes.
    ///
    /// # Errors
    /// If the server does not take them any more.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await
    }

    /// The next answer. One with a 1xx status is passed over.
    ///
    /// # Errors
    /// [`End`] if there is none.
    pub async fn answer(&mut self) -> Result<Answer, End> {
        match timeout(Self::PATIENCE, self.read_answer()).await {
            Ok(answer) => answer,
            Err(_) => Err(End::Silent),
        }
    }

    /// Sends these bytes while the answer is awaited. Neither side has to take
    /// everything in before the other may speak.
    ///
    /// # Errors
    /// [`End`] if there is no answer.
    pub async fn exchange(&mut self, bytes: impl AsRef<[u8]>) -> Result<Answer, End> {
        let Self { stream, buffer } = self;
        let (mut read, mut write) = stream.split();
        let send = async {
            // That the server stops reading is no failure: its answer says why.
            let _ = write.write_all(bytes.as_ref()).await;
            std::future::pending::<Answer>().await
        };
        let exchange = async {
            tokio::select! {
                answer = read_answer(&mut read, buffer) => answer,
                never = send => Ok(never),
            }
        };
        match timeout(Self::PATIENCE, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err(End::Silent),
        }
    }

    /// Sends these bytes, and reads answers until one is the `last`, or until the
    /// connection ends.
    pub async fn converse(
        self,
        bytes: Vec<u8>,
        last: impl Fn(&Answer) -> bool,
    ) -> (Vec<Answer>, Option<End>) {
        let Self { stream, mut buffer } = self;
        let (mut read, mut write) = stream.into_split();
        // The writing half stays open for as long as answers are read.
        let writer = tokio::spawn(async move {
            let _ = write.write_all(&bytes).await;
            write
        });
        let mut answers = Vec::new();
        let end = loop {
            match timeout(Self::PATIENCE, read_answer(&mut read, &mut buffer)).await {
                Ok(Ok(answer)) => {
                    let is_last = last(&answer);
                    answers.push(answer);
                    if is_last {
                        break None;
                    }
                }
                Ok(Err(end)) => break Some(end),
                Err(_) => break Some(End::Silent),
            }
        };
        writer.abort();
        (answers, end)
    }

    /// Waits until the server ends the connection. What still comes is dropped.
    pub async fn end(&mut self) -> End {
        let mut scratch = [0; 4096];
        let drain = async {
            loop {
                match self.stream.read(&mut scratch).await {
                    Ok(0) => return End::Closed,
                    Ok(_) => {}
                    Err(error) => return End::of(&error),
                }
            }
        };
        timeout(Self::PATIENCE, drain).await.unwrap_or(End::Silent)
    }

    /// Says that nothing more will be sent.
    pub async fn finish_sending(&mut self) {
        // The server may be gone already.
        let _ = self.stream.shutdown().await;
    }

    /// Hangs up with a reset.
    pub fn reset(self) {
        // Only fails on a socket that is not connected any more.
        let _ = self.stream.set_zero_linger();
    }

    async fn read_answer(&mut self) -> Result<Answer, End> {
        read_answer(&mut self.stream, &mut self.buffer).await
    }
}

impl Answer {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether the server says that it will close the connection.
    #[must_use]
    pub fn closes(&self) -> bool {
        let connection = self.header("connection").unwrap_or_default();
        connection.eq_ignore_ascii_case("close")
    }

    /// The `code` of a problem document.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        let body = std::str::from_utf8(&self.body).ok()?;
        let (_, rest) = body.split_once(r#""code":""#)?;
        rest.split('"').next()
    }

    /// The status, the code of a problem document, and a `*` if the server says
    /// that it will close the connection.
    #[must_use]
    pub fn summary(&self) -> String {
        let close = if self.closes() { "*" } else { "" };
        match self.code() {
            Some(code) => format!("{} {code}{close}", self.status),
            None => format!("{}{close}", self.status),
        }
    }
}

impl End {
    fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Self::Reset,
            _ => panic!("cannot read: {error}"),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "closed",
            Self::Reset => "reset",
            Self::Torn => "torn",
            Self::Silent => "silent",
        })
    }
}

type Read<'a> = &'a mut (dyn tokio::io::AsyncRead + Unpin + Send);

async fn read_answer(read: Read<'_>, buffer: &mut Vec<u8>) -> Result<Answer, End> {
    loop {
        let head = read_until(read, buffer, b"\r\n\r\n").await?;
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .and_then(|line| line.strip_prefix("HTTP/1."))
            .and_then(|rest| rest.get(2..5)?.parse().ok())
            .unwrap_or_else(|| panic!("no status line: {head:?}"));
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
            .collect();
        let mut answer = Answer {
            status,
            headers,
            body: Vec::new(),
        };
        if (100..200).contains(&status) {
            continue;
        }
        answer.body = read_body(read, buffer, &answer).await?;
        return Ok(answer);
    }
}

async fn read_body(read: Read<'_>, buffer: &mut Vec<u8>, answer: &Answer) -> Result<Vec<u8>, End> {
    if answer.header("transfer-encoding") == Some("chunked") {
        let mut body = Vec::new();
        loop {
            let size = read_until(read, buffer, b"\r\n").await?;
            let size = std::str::from_utf8(&size).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            let chunk = read_exactly(read, buffer, size + 2).await?;
            body.extend_from_slice(&chunk[..size]);
            if size == 0 {
                return Ok(body);
            }
        }
    }
    let length = answer.header("content-length").unwrap_or("0");
    read_exactly(read, buffer, length.parse().unwrap()).await
}

/// Up to the marker, without it.
async fn read_until(read: Read<'_>, buffer: &mut Vec<u8>, marker: &[u8]) -> Result<Vec<u8>, End> {
    loop {
        let found = buffer
            .windows(marker.len())
            .position(|window| window == marker);
        if let Some(end) = found {
            let taken = buffer.drain(..end + marker.len()).take(end).collect();
            return Ok(taken);
        }
        read_more(read, buffer).await?;
    }
}

async fn read_exactly(read: Read<'_>, buffer: &mut Vec<u8>, len: usize) -> Result<Vec<u8>, End> {
    while buffer.len() < len {
        match read_more(read, buffer).await {
            Err(End::Closed) => return Err(End::Torn),
            other => other?,
        }
    }
    Ok(buffer.drain(..len).collect())
}

async fn read_more(read: Read<'_>, buffer: &mut Vec<u8>) -> Result<(), End> {
    match read.read_buf(buffer).await {
        Ok(0) if buffer.is_empty() => Err(End::Closed),
        Ok(0) => Err(End::Torn),
        Ok(_) => Ok(()),
        Err(error) => Err(End::of(&error)),
    }
}
