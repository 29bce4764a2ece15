mod gate;
mod log;
mod server;
mod store;

pub(crate) use gate::Gate;
pub(crate) use log::capture;
pub(crate) use server::TestServer;
pub(crate) use store::{Call, TestStore};

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::test::TestRequest;
use nano_webhook_actix::core::{Signer, VerifierBuilder};
use nano_webhook_actix::{Secret, UnixTime, Verifier, signed_request};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

pub(crate) const SECRET: &str = "a-secret-made-only-for-these-tests";
pub(crate) const OTHER_SECRET: &str = "another-secret-made-for-these-tests";

/// Long enough for a loaded machine: a test that reaches it has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const fn now() -> UnixTime {
    UnixTime::from_secs(1_734_948_000)
}

pub(crate) fn builder(secret: &str) -> VerifierBuilder {
    Verifier::builder(Secret::new(secret).unwrap()).clock(now)
}

/// Its clock stands still.
pub(crate) fn verifier() -> Verifier {
    builder(SECRET).build().unwrap()
}

pub(crate) fn other_verifier() -> Verifier {
    builder(OTHER_SECRET).build().unwrap()
}

pub(crate) fn signer() -> Signer {
    Signer::new(&Secret::new(SECRET).unwrap())
}

pub(crate) fn completed(task: &str) -> String {
    format!(
        r#"{{"event":"job.completed","task_id":"{task}","data":{{"url":"https://cdn.example.com/1.png"}}}}"#
    )
}

/// A delivery for tests in the process.
pub(crate) fn delivery(task: &str) -> TestRequest {
    signed_request(&signer(), now(), "/webhook", completed(task))
}

/// The head of a delivery for tests over a socket, up to the headers that say
/// how the body is framed.
pub(crate) fn head(body: &str) -> String {
    let signed = signer().sign(now(), body.as_bytes());
    format!(
        "POST /webhook HTTP/1.1\r\nHost: localhost\r\nX-Nano-Timestamp: {}\r\nX-Nano-Signature: {}\r\n",
        signed.timestamp(),
        signed.signature(),
    )
}

/// A whole delivery for tests over a socket.
pub(crate) fn wire(task: &str) -> String {
    let body = completed(task);
    format!(
        "{}Content-Length: {}\r\n\r\n{body}",
        head(&body),
        body.len()
    )
}

/// A client that sends a delivery, and resets its connection when it is dropped.
pub(crate) async fn impatient_client(addr: SocketAddr, task: &str) -> TcpStream {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    stream.set_zero_linger().unwrap();
    stream.write_all(wire(task).as_bytes()).await.unwrap();
    stream
}
