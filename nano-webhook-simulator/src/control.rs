use std::fmt;
use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, USER_AGENT};
use axum::http::{HeaderValue, Method, Request};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use nano_webhook_core::Secret;
use nano_webhook_fetch::{Reach, http_url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::attempt::Attempt;
use crate::error::{Error, ErrorKind};
use crate::http::{self, Http};
use crate::job::Job;
use crate::report::JobReport;

/// Drives a simulator in another process, over its routes under `/simulator`.
///
/// ```no_run
/// use nano_webhook_simulator::{Control, Job};
///
/// # async fn run() -> Result<(), nano_webhook_simulator::Error> {
/// let control = Control::new("http://127.0.0.1:4010")?;
/// let report = control.trigger_and_wait(&Job::failed().reason("out of memory")).await?;
/// for delivery in report.deliveries {
///     println!("{}: {:?}", delivery.url, delivery.outcome);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Control {
    http: Http,
    base_url: String,
    key: Option<(HeaderName, HeaderValue)>,
}

/// Applies to every call except the one that waits for deliveries.
const TIMEOUT: Duration = Duration::from_secs(10);

impl Control {
    /// For the simulator at this base URL, without a key.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] if it is not an `http` or `https` URL, or contains
    /// a user name or a password.
    pub fn new(base_url: impl Into<String>) -> Result<Self, Error> {
        let mut base_url = base_url.into();
        if let Err(problem) = http_url(&base_url) {
            let problem = format!("the base URL of the simulator {problem}");
            return Err(Error::invalid(problem));
        }
        base_url.truncate(base_url.trim_end_matches('/').len());
        Ok(Self {
            http: http::client(Reach::Anywhere)?,
            base_url,
            key: None,
        })
    }

    /// With `Authorization: Bearer <key>`.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] if a header cannot contain the key.
    pub fn bearer(self, key: &Secret) -> Result<Self, Error> {
        self.with_key(AUTHORIZATION, &format!("Bearer {}", key.expose()))
    }

    /// With the key in the header of this name.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] if the name is not a header name, or a header
    /// cannot contain the key.
    pub fn header(self, name: &str, key: &Secret) -> Result<Self, Error> {
        let invalid = |_| Error::invalid("the name of the key's header is not a header name");
        let name = name.parse().map_err(invalid)?;
        self.with_key(name, key.expose())
    }

    fn with_key(mut self, name: HeaderName, value: &str) -> Result<Self, Error> {
        let mut value = HeaderValue::from_str(value)
            .map_err(|_| Error::invalid("the key cannot be sent in a header"))?;
        value.set_sensitive(true);
        self.key = Some((name, value));
        Ok(self)
    }

    /// Ends a job and returns at once: the deliveries in the report are usually
    /// still pending.
    ///
    /// # Errors
    /// [`ErrorKind::Unreachable`] if the simulator does not answer within 10
    /// seconds, [`ErrorKind::Rejected`] if it rejects the job.
    pub async fn trigger(&self, job: &Job) -> Result<JobReport, Error> {
        let path = "/simulator/jobs";
        limited(self.call(Method::POST, path, Some(json!(job)))).await
    }

    /// Ends a job and waits until every delivery has ended, retries included.
    /// This call has no timeout.
    ///
    /// # Errors
    /// As for [`trigger`](Self::trigger).
    pub async fn trigger_and_wait(&self, job: &Job) -> Result<JobReport, Error> {
        let path = "/simulator/jobs?wait=true";
        self.call(Method::POST, path, Some(json!(job))).await
    }

    /// The attempts after this sequence number, the oldest first; 0 for all that
    /// the simulator keeps.
    ///
    /// # Errors
    /// As for [`trigger`](Self::trigger).
    pub async fn attempts(&self, after: u64) -> Result<Vec<Attempt>, Error> {
        let path = format!("/simulator/attempts?after={after}");
        limited(self.call(Method::GET, &path, None)).await
    }

    /// Changes the status of a webhook. Only `active` webhooks get deliveries.
    ///
    /// # Errors
    /// As for [`trigger`](Self::trigger).
    pub async fn set_status(&self, id: u64, status: &str) -> Result<(), Error> {
        let path = format!("/simulator/webhooks/{id}");
        let body = json!({ "status": status });
        let _: Value = limited(self.call(Method::PATCH, &path, Some(body))).await?;
        Ok(())
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<T, Error> {
        let uri = format!("{}{path}", self.base_url);
        let request = Request::builder().method(method).uri(uri);
        let mut request = request.header(USER_AGENT, http::USER_AGENT);
        if let Some((name, value)) = &self.key {
            request = request.header(name, value);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        let request = request.body(Full::new(body)).map_err(unreachable)?;
        let response = self.http.request(request).await.map_err(unreachable)?;
        let status = response.status().as_u16();
        let body = response.collect().await.map_err(unreachable)?.to_bytes();
        let (kind, problem) = match serde_json::from_slice(&body) {
            Ok(Envelope::Success { data }) => return Ok(data),
            Ok(Envelope::Failure { message }) => (
                ErrorKind::Rejected { status },
                format!("the simulator rejected the call with status {status}: {message}"),
            ),
            Err(_) => (
                ErrorKind::NotASimulator { status },
                format!("the server (status {status}) is not a simulator of this version"),
            ),
        };
        Err(Error::new(kind, problem))
    }
}

async fn limited<T>(call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let answered = tokio::time::timeout(TIMEOUT, call).await;
    answered.unwrap_or_else(|elapsed| Err(unreachable(elapsed)))
}

fn unreachable(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Unreachable, "the simulator cannot be reached").because(source)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Envelope<T> {
    Success { data: T },
    Failure { message: String },
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Control");
        shown
            .field("base_url", &self.base_url)
            .field("key", &self.key);
        shown.finish_non_exhaustive()
    }
}
