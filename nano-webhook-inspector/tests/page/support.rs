use std::net::SocketAddr;
use std::time::Duration;

use nano_webhook_inspector::{Bytes, Inspector, InspectorBuilder, Record, Token, Verdict};
use nano_webhook_test_kit::{Connection, Response, SignedRequest};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The URL of the receiver that is inspected.
pub(crate) const RECEIVER: &str = "http://127.0.0.1:3000";

pub(crate) struct Served {
    pub(crate) inspector: Inspector,
    pub(crate) addr: SocketAddr,
    pub(crate) token: String,
}

impl Served {
    pub(crate) async fn start() -> Self {
        Self::with(Inspector::builder(RECEIVER)).await
    }

    pub(crate) async fn with(builder: InspectorBuilder) -> Self {
        let inspector = builder.build().unwrap();
        let addr = "127.0.0.1:0".parse().unwrap();
        let page = inspector.listen(addr, Token::random().unwrap()).await;
        let page = page.unwrap();
        let (start, token) = (format!("http://{}/#", page.addr()), page.url());
        let served = Self {
            inspector,
            addr: page.addr(),
            token: token.strip_prefix(&start).unwrap().to_owned(),
        };
        tokio::spawn(page.serve());
        served
    }

    /// What the page itself would send.
    pub(crate) fn request(&self, target: &str, more: &str) -> String {
        let Self { addr, token, .. } = self;
        format!("{target} HTTP/1.1\r\nHost: {addr}\r\nAuthorization: Bearer {token}\r\n{more}\r\n")
    }

    pub(crate) async fn raw(&self, request: &str) -> Response {
        let mut connection = Connection::open(self.addr).await;
        connection.exchange(request).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.raw(&self.request(&format!("GET {path}"), "")).await
    }

    /// Asks for the stream of deliveries, and reads nothing of it.
    pub(crate) async fn open(&self, after: &str) -> TcpStream {
        let target = format!("GET /api/deliveries?after={after}");
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        let request = self.request(&target, "");
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    /// The stream of deliveries, up to the end of the message with this text.
    pub(crate) async fn stream(&self, after: &str, until: &str) -> (TcpStream, String) {
        let mut stream = self.open(after).await;
        let text = read(&mut stream, until).await;
        (stream, text)
    }

    /// Adds a delivery that is signed with the kit's secret.
    pub(crate) fn deliver(&self, request: &SignedRequest, verdict: Verdict) -> u64 {
        let id = self.inspector.next_id();
        self.inspector.put(record(id, request, verdict));
        id
    }
}

/// What comes up to the end of the message with this text.
pub(crate) async fn read(stream: &mut TcpStream, wanted: &str) -> String {
    let mut bytes: Vec<u8> = Vec::new();
    let (mut seen, mut is_found) = (0, false);
    while !is_found || !bytes.ends_with(b"\n\n\r\n") {
        let more = timeout(Duration::from_secs(60), stream.read_buf(&mut bytes)).await;
        assert_ne!(more.expect("more").unwrap(), 0, "no {wanted}");
        let mut windows = bytes[seen..].windows(wanted.len());
        is_found |= windows.any(|window| window == wanted.as_bytes());
        seen = bytes.len().saturating_sub(wanted.len());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(crate) fn record(id: u64, request: &SignedRequest, verdict: Verdict) -> Record {
    let mut record = Record::new(id, SignedRequest::NOW);
    record.path = "/webhook".to_owned();
    let json = ("content-type".to_owned(), b"application/json".to_vec());
    record.headers = [request.headers.as_slice(), &[json]].concat();
    record.set_body(Bytes::from(request.body.clone()));
    record.verdict = verdict;
    record
}
