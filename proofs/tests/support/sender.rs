use std::net::SocketAddr;
use std::time::{Duration, Instant};

use nano_webhook_core::{Secret, Signer, UnixTime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::SECRET;

/// No answer within this is a hang.
const HANG: Duration = Duration::from_secs(30);

/// A provider: signs a delivery and posts it.
#[derive(Clone)]
pub(crate) struct Sender(std::sync::Arc<Signer>);

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Sender {
    pub(crate) fn new() -> Self {
        Self(std::sync::Arc::new(Signer::new(
            &Secret::new(SECRET).unwrap(),
        )))
    }

    fn request(&self, task: &str) -> String {
        let body = format!(
            r#"{{"event":"job.completed","task_id":"{task}","data":{{"url":"https://cdn.example.com/{task}.png"}}}}"#
        );
        let signed = self.0.sign(UnixTime::now(), body.as_bytes());
        format!(
            "POST /webhook HTTP/1.1\r\nhost: proofs\r\nconnection: close\r\n\
             x-nano-timestamp: {}\r\nx-nano-signature: {}\r\ncontent-length: {}\r\n\r\n{body}",
            signed.timestamp(),
            signed.signature(),
            body.len()
        )
    }

    /// Posts once. `None` if the connection broke before an answer was there.
    pub(crate) async fn post(&self, addr: SocketAddr, task: &str) -> Option<Answer> {
        let exchange = async {
            let mut stream = TcpStream::connect(addr).await.ok()?;
            stream.write_all(self.request(task).as_bytes()).await.ok()?;
            let mut answer = Vec::new();
            // A reset after the answer is the receiver's way to close.
            let _ = stream.read_to_end(&mut answer).await;
            let text = String::from_utf8_lossy(&answer);
            let status = text.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
            let body = text.split_once("\r\n\r\n")?.1.to_owned();
            Some(Answer { status, body })
        };
        timeout(HANG, exchange)
            .await
            .unwrap_or_else(|_| panic!("{task}: no answer from {addr} in {HANG:?}"))
    }

    /// Posts, and hangs up without waiting for an answer.
    pub(crate) async fn post_and_hang_up(&self, addr: SocketAddr, task: &str) {
        if let Ok(mut stream) = TcpStream::connect(addr).await {
            let _ = stream.write_all(self.request(task).as_bytes()).await;
        }
    }

    /// Posts until the answer is 2xx, each time to the next receiver in turn.
    pub(crate) async fn post_until_done(
        &self,
        receivers: &[SocketAddr],
        task: &str,
        patience: Duration,
    ) -> Vec<Option<Answer>> {
        let begun = Instant::now();
        let mut answers = Vec::new();
        for addr in receivers.iter().cycle() {
            let answer = self.post(*addr, task).await;
            let done = answer
                .as_ref()
                .is_some_and(|answer| (200..300).contains(&answer.status));
            answers.push(answer);
            if done {
                break;
            }
            assert!(
                begun.elapsed() < patience,
                "{task}: not done after {patience:?}: {answers:?}"
            );
            // The provider's pause between two tries. A real one would be longer.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        answers
    }
}
