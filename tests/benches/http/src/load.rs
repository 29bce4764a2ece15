//! A load generator on one thread: connections that send one request after the other.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use nano_webhook_bench_shared::peers::standard_headers;
use nano_webhook_bench_shared::{completed, forged_headers, signed_headers};
use nano_webhook_core::{Bytes, UnixTime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::modes::{Case, Requests};

/// How many requests were answered 2xx, and how many otherwise or not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) accepted: u64,
    pub(crate) refused: u64,
}

impl Answers {
    pub(crate) fn all(self) -> u64 {
        self.accepted + self.refused
    }
}

/// Opens the connections, says so, and then sends requests on them.
pub(crate) fn load(
    address: &str,
    case: &Case,
    time: Duration,
    opened: impl FnOnce(),
) -> io::Result<Answers> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let source = Rc::new(Source::new(case.requests, case.size));
    let answers = Rc::new(Cell::new(Answers::default()));
    let local = LocalSet::new();
    let streams = runtime.block_on(async {
        let mut streams = Vec::new();
        for _ in 0..case.connections {
            streams.push(TcpStream::connect(address).await?);
        }
        io::Result::Ok(streams)
    })?;
    opened();
    let until = Instant::now() + time;
    for stream in streams {
        let (address, source, answers) = (address.to_owned(), source.clone(), answers.clone());
        local.spawn_local(async move {
            let mut stream = Ok(stream);
            while Instant::now() < until {
                if let Ok(stream) = stream {
                    // A server closes a connection whose body it does not read.
                    let _ = connection(stream, &source, &answers, until).await;
                }
                stream = TcpStream::connect(&address).await;
            }
        });
    }
    runtime.block_on(local);
    Ok(answers.get())
}

async fn connection(
    mut stream: TcpStream,
    source: &Source,
    answers: &Cell<Answers>,
    until: Instant,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 8 << 10];
    while Instant::now() < until {
        let request = source.next();
        let answer = match stream.write_all(&request).await {
            Ok(()) => answer(&mut stream, &mut buffer).await,
            Err(error) => Err(error),
        };
        let accepted = *answer.as_ref().unwrap_or(&false);
        let mut counted = answers.get();
        match accepted {
            true => counted.accepted += 1,
            false => counted.refused += 1,
        }
        answers.set(counted);
        answer?;
    }
    Ok(())
}

/// Reads an answer to its end.
async fn answer(stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<bool> {
    let mut len = 0;
    loop {
        let free = buffer.get_mut(len..).unwrap_or_default();
        let read = stream.read(free).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        len += read;
        let text = buffer.get(..len).unwrap_or_default();
        let Some(end) = text.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(text.get(..end).unwrap_or_default()).to_lowercase();
        let length = head.split("content-length: ").nth(1);
        let length = length.and_then(|rest| rest.lines().next()?.parse().ok());
        if len >= end + 4 + length.unwrap_or(0) {
            return match head.contains("connection: close") {
                true => Err(io::ErrorKind::ConnectionReset.into()),
                false => Ok(head.starts_with("http/1.1 2")),
            };
        }
    }
}

/// Makes requests.
struct Source {
    requests: Requests,
    body: String,
    count: Cell<u64>,
    /// The latest request, and the second in which it was signed.
    latest: Cell<(u64, Bytes)>,
}

impl Source {
    fn new(requests: Requests, size: usize) -> Self {
        // Nine digits take the place of three letters.
        let body = String::from_utf8(completed(size - 6).to_vec()).expect("it is ASCII");
        Self {
            requests,
            body: body.replace("task_xxx", "task_000000000"),
            count: Cell::new(0),
            latest: Cell::default(),
        }
    }

    fn next(&self) -> Bytes {
        let now = UnixTime::now();
        let (signed_at, request) = self.latest.take();
        let request = match self.requests {
            Requests::New => self.make(now),
            _ if signed_at != now.as_secs() => self.make(now),
            _ => request,
        };
        self.latest.set((now.as_secs(), request.clone()));
        request
    }

    fn make(&self, now: UnixTime) -> Bytes {
        let count = match self.requests {
            Requests::New => self.count.replace(self.count.get() + 1),
            _ => 0,
        };
        // Unlike those of another run against the same server.
        let number = (now.as_millis() / 1000 % 1000) * 1_000_000 + count % 1_000_000;
        let task = match self.requests {
            Requests::New => format!("task_{number:09}"),
            _ => String::from("task_000000000"),
        };
        let body = self.body.replace("task_000000000", &task);
        let headers = match self.requests {
            Requests::New | Requests::Same => signed_headers(now, body.as_bytes()),
            Requests::Forged => forged_headers(now, body.as_bytes()),
            Requests::Standard => standard_headers(now, body.as_bytes()),
        };
        let mut request = String::from("POST /webhook HTTP/1.1\r\n");
        for (name, value) in &headers {
            let value = value.to_str().expect("it is ASCII");
            request.push_str(name.as_str());
            request.push_str(": ");
            request.push_str(value);
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        request.push_str(&body);
        Bytes::from(request)
    }
}
