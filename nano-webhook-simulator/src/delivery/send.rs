use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use nano_webhook_core::{Secret, Signer, UnixTime};
use reqwest::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, Url};
use zeroize::Zeroizing;

use crate::attempt::{AttemptResult, Refusal};
use crate::reach::{LoopbackResolver, NotLoopback, is_foreign_address};

/// How much of an answer is read, and how much of it is kept.
const MOST_BYTES: usize = 4096;
const MOST_CHARACTERS: usize = 300;

/// Signs and posts.
pub(crate) struct Sender {
    http: Client,
    anywhere: bool,
    timeout: Duration,
}

impl Sender {
    pub(crate) fn new(anywhere: bool, timeout: Duration) -> Result<Self, reqwest::Error> {
        let http = Client::builder()
            .user_agent(concat!(
                "nano-webhook-simulator/",
                env!("CARGO_PKG_VERSION")
            ))
            // As the provider's page spells them.
            .http1_title_case_headers()
            // A redirection could lead off this machine, and so could a proxy.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            // Each attempt resolves and connects anew.
            .pool_max_idle_per_host(0);
        let http = if anywhere {
            http
        } else {
            http.dns_resolver(LoopbackResolver)
        };
        Ok(Self {
            http: http.build()?,
            anywhere,
            timeout,
        })
    }

    /// One attempt, signed with the time at which it begins. Also what the
    /// receiver asks to wait.
    pub(crate) async fn send(
        &self,
        url: &str,
        secret: &Secret,
        now: UnixTime,
        body: &Bytes,
    ) -> (AttemptResult, Option<Duration>) {
        let url = match Url::parse(url) {
            Ok(url) => url,
            Err(error) => {
                let problem = error.to_string();
                return (AttemptResult::ConnectionFailed { problem }, None);
            }
        };
        if !self.anywhere && is_foreign_address(&url) {
            let reason = Refusal::NotLoopback;
            return (AttemptResult::Refused { reason }, None);
        }
        let headers = Signer::new(secret).sign(now, body);
        let post = self
            .http
            .post(url)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header("X-Nano-Timestamp", headers.timestamp())
            .header("X-Nano-Signature", sensitive(headers.signature()))
            .body(body.clone());
        let exchange = async {
            let response = post.send().await?;
            let retry_after = retry_after(&response);
            let status = response.status().as_u16();
            let body = beginning(response).await;
            let body = clean(&body, &[headers.signature(), secret.expose()]);
            Ok((AttemptResult::Answered { status, body }, retry_after))
        };
        match tokio::time::timeout(self.timeout, exchange).await {
            Ok(Ok(answered)) => answered,
            Ok(Err(error)) => (failure(&error), None),
            Err(_) => (AttemptResult::TimedOut, None),
        }
    }
}

/// A signature is of hex digits, so it is always a header value.
fn sensitive(signature: &str) -> HeaderValue {
    let mut value =
        HeaderValue::from_str(signature).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

fn failure(error: &reqwest::Error) -> AttemptResult {
    if NotLoopback::caused(error) {
        let reason = Refusal::NotLoopback;
        return AttemptResult::Refused { reason };
    }
    let what = if error.is_connect() {
        "cannot connect"
    } else {
        "the connection broke off"
    };
    // The innermost cause is the one that says something.
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    AttemptResult::ConnectionFailed {
        problem: format!("{what}: {cause}"),
    }
}

/// Seconds only: the form that receivers of this project use.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    value.parse().ok().map(Duration::from_secs)
}

/// The beginning of the body. That it broke off changes nothing: the status is
/// there.
async fn beginning(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < MOST_BYTES {
        let Ok(Some(chunk)) = response.chunk().await else {
            break;
        };
        body.extend(chunk.iter().take(MOST_BYTES.saturating_sub(body.len())));
    }
    body
}

/// On one line, without what was sent to be kept to oneself.
fn clean(body: &[u8], secrets: &[&str]) -> Option<String> {
    let mut text = Zeroizing::new(String::from_utf8_lossy(body).into_owned());
    for secret in secrets {
        text = Zeroizing::new(text.replace(secret, "[redacted]"));
    }
    let words = text
        .split(|character: char| character.is_whitespace() || character.is_control())
        .filter(|word| !word.is_empty());
    let line: Vec<&str> = words.collect();
    let line: String = line.join(" ").chars().take(MOST_CHARACTERS).collect();
    Some(line).filter(|line| !line.is_empty())
}
