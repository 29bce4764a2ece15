use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

/// Nothing that a server does here takes this long. A hang is a failure, not a
/// test that never ends.
const HANG: Duration = Duration::from_secs(20);

/// An HTTP/1.1 connection that sends exactly what it is given.
#[derive(Debug)]
pub struct Connection {
    read: OwnedReadHalf,
    write: OwnedWriteHalf,
    /// Read, but not yet taken.
    pending: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find_map(|(header, value)| (header == name).then_some(value.as_str()))
    }

    /// The body as JSON, or `null`.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The `code` of a problem document.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        self.json()["code"].as_str().map(str::to_owned)
    }
}

impl Connection {
    /// Connects.
    ///
    /// # Panics
    /// If nobody listens.
    pub async fn open(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (read, write) = stream.into_split();
        Self {
            read,
            write,
            pending: Vec::new(),
        }
    }

    /// Sends these bytes. That a server has stopped reading is no failure here:
    /// its answer says why.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _ = self.try_send(bytes).await;
    }

    /// Sends these bytes.
    ///
    /// # Errors
    /// If the server has closed the connection.
    pub async fn try_send(&mut self, bytes: &[u8]) -> Result<(), String> {
        let sent = timeout(HANG, self.write.write_all(bytes)).await;
        let sent = sent.map_err(|_| "the server does not read".to_owned())?;
        sent.map_err(|error| error.to_string())
    }

    /// Sends these bytes while the answer is awaited: neither side has to take
    /// everything in before the other may speak.
    ///
    /// # Errors
    /// What is wrong with the answer.
    pub async fn exchange(&mut self, bytes: &[u8]) -> Result<Response, String> {
        let Self {
            read,
            write,
            pending,
        } = self;
        let (_, answer) = tokio::join!(
            async {
                let _ = timeout(HANG, write.write_all(bytes)).await;
            },
            receive(read, pending)
        );
        answer
    }

    /// The next answer.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn receive(&mut self) -> Result<Response, String> {
        receive(&mut self.read, &mut self.pending).await
    }

    /// No more will be sent.
    pub async fn close_sending_side(&mut self) {
        let _ = self.write.shutdown().await;
    }

    /// Waits for the server to close the connection.
    ///
    /// # Errors
    /// If it does not, or says something more.
    pub async fn until_closed(&mut self) -> Result<(), String> {
        if !self.pending.is_empty() {
            return Err("there is more than one answer".to_owned());
        }
        let mut buffer = [0; 1];
        match timeout(HANG, self.read.read(&mut buffer)).await {
            // A reset closes as well.
            Ok(Ok(0) | Err(_)) => Ok(()),
            Ok(Ok(_)) => Err("there is more than one answer".to_owned()),
            Err(_) => Err("the connection was not closed".to_owned()),
        }
    }
}

async fn receive(read: &mut OwnedReadHalf, pending: &mut Vec<u8>) -> Result<Response, String> {
    timeout(HANG, parse(read, pending))
        .await
        .map_err(|_| "no answer".to_owned())?
}

async fn parse(read: &mut OwnedReadHalf, pending: &mut Vec<u8>) -> Result<Response, String> {
    let head = loop {
        if let Some(end) = find(pending, b"\r\n\r\n") {
            let head: Vec<u8> = pending.drain(..end + 4).collect();
            break String::from_utf8(head).map_err(|_| "the head is not ASCII")?;
        }
        more(read, pending).await?;
    };
    let mut lines = head.trim_end().split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.strip_prefix("HTTP/1.1 "))
        .and_then(|rest| rest.get(..3)?.parse().ok())
        .ok_or_else(|| format!("not a status line: {head:?}"))?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let mut response = Response {
        status,
        headers,
        body: Vec::new(),
    };
    if (100..200).contains(&status) {
        return Ok(response);
    }
    if response.header("transfer-encoding") == Some("chunked") {
        loop {
            let size = line(read, pending).await?;
            let size = usize::from_str_radix(&size, 16).map_err(|_| "not a chunk size")?;
            let chunk = take(read, pending, size + 2).await?;
            response.body.extend_from_slice(&chunk[..size]);
            if size == 0 {
                return Ok(response);
            }
        }
    }
    let length = response.header("content-length").unwrap_or("0");
    let length = length.parse().map_err(|_| "not a content-length")?;
    response.body = take(read, pending, length).await?;
    Ok(response)
}

async fn line(read: &mut OwnedReadHalf, pending: &mut Vec<u8>) -> Result<String, String> {
    loop {
        if let Some(end) = find(pending, b"\r\n") {
            let line: Vec<u8> = pending.drain(..end + 2).collect();
            return Ok(String::from_utf8_lossy(&line[..end]).into_owned());
        }
        more(read, pending).await?;
    }
}

async fn take(
    read: &mut OwnedReadHalf,
    pending: &mut Vec<u8>,
    count: usize,
) -> Result<Vec<u8>, String> {
    while pending.len() < count {
        more(read, pending).await?;
    }
    Ok(pending.drain(..count).collect())
}

async fn more(read: &mut OwnedReadHalf, pending: &mut Vec<u8>) -> Result<(), String> {
    match read.read_buf(pending).await {
        Ok(0) => Err("closed before the answer was there".to_owned()),
        Ok(_) => Ok(()),
        Err(error) => Err(format!("broken before the answer was there: {error}")),
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}
