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
    let length = body.len();
    let head = format!("HTTP/1.1 {status} OK\r\n{headers}connection: close\r\n");
    let head = format!("{head}content-length: {length}\r\n\r\n");
    Step::Send([head.as_bytes(), body].concat())
}

/// `200`, as documented.
pub(crate) fn data(data: &str) -> Step {
    let body = format!("{{\"success\":true,\"data\":{data}}}");
    answer(200, "content-type: application/json\r\n", body)
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Request {
    head: String,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let headers = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = headers.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        let value = found.next().map(|(_, value)| value);
        assert!(found.next().is_none(), "{name} is sent twice");
        value
    }

    /// `GET /path`
    pub(crate) fn call(&self) -> &str {
        self.head.split(" HTTP/1.1").next().unwrap()
    }
}

pub(crate) struct Provider {
    addr: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Provider {
    /// Follows the script; its last step is repeated.
    pub(crate) async fn start(script: impl IntoIterator<Item = Step>) -> Self {
        let script: Vec<_> = script.into_iter().collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            let mut stalled = Vec::new();
            let mut steps = script
                .iter()
                .chain(std::iter::repeat(script.last().unwrap()));
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let Some(request) = read(&mut stream).await else {
                    continue;
                };
                seen.lock().unwrap().push(request);
                match steps.next().unwrap() {
                    // The client may hang up before it has read everything.
                    Step::Send(bytes) => drop(stream.write_all(bytes).await),
                    Step::Stall(bytes) => {
                        drop(stream.write_all(bytes).await);
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
        requests.iter().map(|it| it.call().to_owned()).collect()
    }
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let received = bytes.len() - head.len() - 4;
            let (head, body) = (head.to_owned(), body.to_owned());
            let request = Request { head, body };
            let length = request.header("content-length");
            if length.is_none_or(|length| received >= length.parse().unwrap()) {
                return Some(request);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
