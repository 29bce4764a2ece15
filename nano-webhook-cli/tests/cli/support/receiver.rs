use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};

use serde_json::Value;

use super::sign::signature;

/// A server without any HTTP library: it shows requests byte for byte, and
/// answers what it was told to.
pub(crate) struct Receiver {
    pub(crate) url: String,
    requests: mpsc::Receiver<Request>,
}

/// As it arrived.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn is_signed(&self, secret: &str) -> bool {
        let timestamp = self.header("x-nano-timestamp");
        self.header("x-nano-signature") == signature(secret, timestamp, &self.body)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The value of a header that must be there once.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut values = self.head.lines().filter_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        });
        let value = values
            .next()
            .unwrap_or_else(|| panic!("{name} in {}", self.head));
        assert_eq!(values.next(), None);
        value
    }
}

impl Receiver {
    /// Answers each request with these bytes.
    pub(crate) fn answering(answer: &'static str) -> Self {
        Self::with(move |_| answer.to_owned())
    }

    pub(crate) fn with(answer: impl Fn(&Request) -> String + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/webhook", listener.local_addr().unwrap());
        let (sender, requests) = mpsc::channel();
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (sender, answer) = (sender.clone(), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &*answer, &sender));
            }
        });
        Self { url, requests }
    }

    pub(crate) fn ok() -> Self {
        Self::answering("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"ok\":true}")
    }

    pub(crate) fn request(&self) -> Request {
        self.requests
            .recv_timeout(std::time::Duration::from_secs(60))
            .expect("a request")
    }
}

fn serve(stream: TcpStream, answer: &dyn Fn(&Request) -> String, sender: &Sender<Request>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let mut request = Request {
            body: Vec::new(),
            head,
        };
        if request
            .head
            .to_ascii_lowercase()
            .contains("content-length:")
        {
            request.body = vec![0; request.header("content-length").parse().unwrap()];
            reader.read_exact(&mut request.body).unwrap();
        } else if request.head.contains("chunked") {
            request.body = chunked(&mut reader);
        }
        let answer = answer(&request);
        let _ = sender.send(request);
        if stream.write_all(answer.as_bytes()).is_err() || answer.contains("\r\nx-then: close") {
            return;
        }
    }
}

/// The body of a request with `Transfer-Encoding: chunked`.
fn chunked(reader: &mut impl BufRead) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let size = usize::from_str_radix(line.trim(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).unwrap();
        body.extend_from_slice(&chunk[..size]);
        if size == 0 {
            return body;
        }
    }
}

/// An answer with this status and body.
pub(crate) fn answer(status: u16, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} A\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}
