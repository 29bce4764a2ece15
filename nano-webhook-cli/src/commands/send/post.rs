use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use super::recipe::Prepared;
use crate::exit::{Exit, Failure, chain};
use crate::loopback::Target;

/// So much of an answer is kept.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Posts deliveries to one URL.
pub(super) struct Sender {
    http: reqwest::Client,
    target: Target,
    timeout: Duration,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Bytes,
    pub(super) elapsed: Duration,
}

impl Sender {
    pub(super) fn new(target: Target, timeout: Duration) -> Result<Self, Failure> {
        let http = target
            .client()
            .timeout(timeout)
            .build()
            .map_err(|error| Failure::because(Exit::Usage, &error))?;
        Ok(Self {
            http,
            target,
            timeout,
        })
    }

    pub(super) async fn post(&self, prepared: &Prepared) -> Result<Answer, Failure> {
        let began = Instant::now();
        let request = self
            .http
            .post(self.target.url.clone())
            .headers(prepared.headers.clone())
            .body(prepared.body.clone());
        let answer = async {
            let mut response = request.send().await?;
            let mut body = BytesMut::new();
            while let Some(chunk) = response.chunk().await? {
                let room = LONGEST_ANSWER.saturating_sub(body.len());
                body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                if chunk.len() >= room {
                    break;
                }
            }
            Ok((response.status().as_u16(), body.freeze()))
        };
        match answer.await {
            Ok((status, body)) => Ok(Answer {
                status,
                body,
                elapsed: began.elapsed(),
            }),
            Err(error) => Err(self.explain(error)),
        }
    }

    fn explain(&self, error: reqwest::Error) -> Failure {
        if let Some(refusal) = self.target.refusal(&error) {
            return refusal;
        }
        let where_to = self.target.url.host_str().unwrap_or_default();
        let port = self.target.url.port_or_known_default().unwrap_or_default();
        let message = if error.is_timeout() {
            format!(
                "no answer from {where_to}:{port} within {} s",
                self.timeout.as_secs()
            )
        } else if error.is_connect() {
            format!(
                "{where_to}:{port} cannot be reached: {}",
                chain(&error.without_url())
            )
        } else {
            format!(
                "the connection to {where_to}:{port} broke off: {}",
                chain(&error.without_url())
            )
        };
        Failure::new(Exit::Network, message)
    }
}
