use std::future::Future;
use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::PATIENCE;

/// An HTTP/1 client that can stop anywhere.
pub(crate) struct Client(BufReader<TcpStream>);

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(key, _)| key == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} is there twice");
        value
    }

    pub(crate) fn code(&self) -> &str {
        let (_, rest) = self.body.split_once(r#""code":""#).expect(&self.body);
        rest.split_once('"').unwrap().0
    }
}

impl Client {
    pub(crate) async fn connect(addr: SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(addr).await.unwrap()))
    }

    pub(crate) async fn send(&mut self, text: impl AsRef<[u8]>) {
        self.0.write_all(text.as_ref()).await.unwrap();
    }

    /// Sends again and again, until the server has closed the connection.
    pub(crate) async fn send_until_closed(mut self, text: &str) {
        let send = async { while self.0.write_all(text.as_bytes()).await.is_ok() {} };
        patiently(send).await;
    }

    pub(crate) async fn response(&mut self) -> Response {
        patiently(self.read_response()).await
    }

    async fn read_response(&mut self) -> Response {
        let status = self.line().await;
        let status = status.strip_prefix("HTTP/1.1 ").expect(&status)[..3]
            .parse()
            .unwrap();
        let mut headers = Vec::new();
        loop {
            let line = self.line().await;
            let Some((name, value)) = line.split_once(": ") else {
                break;
            };
            headers.push((name.to_owned(), value.to_owned()));
        }
        let mut response = Response {
            status,
            headers,
            body: String::new(),
        };
        let length = response.header("content-length").unwrap_or("0");
        let mut body = vec![0; length.parse().unwrap()];
        self.0.read_exact(&mut body).await.unwrap();
        response.body = String::from_utf8(body).unwrap();
        response
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).await.unwrap();
        line.trim_end().to_owned()
    }

    /// Waits until the server ends the connection. Nothing more may come.
    pub(crate) async fn closed(mut self) {
        let mut rest = Vec::new();
        // A reset is an end too.
        let _ = patiently(self.0.read_to_end(&mut rest)).await;
        assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    }

    /// Hangs up at once, with a reset.
    pub(crate) fn hang_up(self) {
        self.0.get_ref().set_zero_linger().unwrap();
    }
}

async fn patiently<F: Future>(future: F) -> F::Output {
    timeout(PATIENCE, future).await.expect("no answer")
}
