//! A provider on a socket that answers as a test tells it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How a connection ends. Each carries one request.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// These bytes, then the end of the connection.
    Send(Vec<u8>),
    /// These bytes, then silence.
    Stall(Vec<u8>),
    /// The request is read, then the connection is reset.
    Reset,
}

/// An answer with this status, these headers and this body.
pub(crate) fn answer(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Step {
    let body = body.as_ref();
    let mut bytes = format!(
        "HTTP/1.1 {status} Said\r\n{headers}connection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    Step::Send(bytes)
}

/// `200`, as documented.
pub(crate) fn data(data: &str) -> Step {
    let body = format!("{{\"success\":true,\"data\":{data}}}");
    answer(200, "content-type: application/json\r\n", body)
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// `GET /path HTTP/1.1`
    pub(crate) line: String,
    /// As they were sent, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(found, _)| found == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} is there twice");
        value
    }

    /// `GET /path`
    pub(crate) fn call(&self) -> &str {
        self.line.trim_end_matches(" HTTP/1.1")
    }
}

pub(crate) struct Provider {
    addr: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Provider {
    /// Follows the script; its last step is repeated.
    pub(crate) async fn start(script: impl IntoIterator<Item = Step>) -> Self {
        let mut script: Vec<_> = script.into_iter().collect();
        script.reverse();
        Self::answering(move |_| match script.len() {
            1 => script[0].clone(),
            _ => script.pop().unwrap(),
        })
        .await
    }

    pub(crate) async fn answering(
        mut answer: impl FnMut(&Request) -> Step + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            let mut stalled = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let Some(request) = read(&mut stream).await else {
                    continue;
                };
                let step = answer(&request);
                seen.lock().unwrap().push(request);
                match step {
                    // The client may hang up before it has read everything.
                    Step::Send(bytes) => drop(stream.write_all(&bytes).await),
                    Step::Stall(bytes) => {
                        drop(stream.write_all(&bytes).await);
                        stalled.push(stream);
                    }
                    Step::Reset => stream.set_zero_linger().unwrap(),
                }
            }
        });
        Self { addr, requests }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        let requests = self.requests();
        requests
            .iter()
            .map(|request| request.call().to_owned())
            .collect()
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.lines();
    let line = lines.next().unwrap().to_owned();
    let headers: Vec<_> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length = (headers.iter().find(|(name, _)| name == "content-length"))
        .map_or(0, |(_, length)| length.parse().unwrap());
    let mut body = bytes[head_end + 4..].to_vec();
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Request {
        line,
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}
