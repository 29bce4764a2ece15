use std::fmt;
use std::time::Duration;

use nano_webhook_core::Secret;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::attempt::Attempt;
use crate::job::Job;
use crate::report::JobReport;

mod error;

pub use error::ControlError;

/// Drives a simulator in another process, over its own routes under
/// `/simulator`.
///
/// ```no_run
/// use nano_webhook_simulator::{Control, Job};
///
/// # async fn run() -> Result<(), nano_webhook_simulator::ControlError> {
/// let control = Control::new("http://127.0.0.1:4010")?;
/// let report = control.trigger_and_wait(&Job::failed().reason("out of memory")).await?;
/// for delivery in report.deliveries {
///     println!("{}: {:?}", delivery.url, delivery.outcome);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Control {
    http: reqwest::Client,
    base_url: String,
    key: Option<(HeaderName, HeaderValue)>,
}

/// The longest that a call may take, but for one that waits for deliveries.
const TIMEOUT: Duration = Duration::from_secs(10);

impl Control {
    /// For the simulator at this base URL, one that asks for no key.
    ///
    /// # Errors
    /// [`ControlError::InvalidBaseUrl`] if this is no `http` or `https` URL, or
    /// has a user name or a password in it; [`ControlError::Http`] if the HTTP
    /// client cannot be built.
    pub fn new(base_url: impl Into<String>) -> Result<Self, ControlError> {
        let mut base_url = base_url.into();
        let url = Url::parse(&base_url).map_err(|_| ControlError::InvalidBaseUrl)?;
        if !matches!(url.scheme(), "http" | "https")
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return Err(ControlError::InvalidBaseUrl);
        }
        base_url.truncate(base_url.trim_end_matches('/').len());
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(TIMEOUT)
            .build()?;
        Ok(Self {
            http,
            base_url,
            key: None,
        })
    }

    /// With `Authorization: Bearer <key>`.
    ///
    /// # Errors
    /// [`ControlError::InvalidKey`] if no header can carry the key.
    pub fn bearer(self, key: &Secret) -> Result<Self, ControlError> {
        self.with_key(AUTHORIZATION, &format!("Bearer {}", key.expose()))
    }

    /// With the key in a header of this name.
    ///
    /// # Errors
    /// [`ControlError::InvalidKey`] if this is no header name, or no header can
    /// carry the key.
    pub fn header(self, name: &str, key: &Secret) -> Result<Self, ControlError> {
        let name = name.parse().map_err(|_| ControlError::InvalidKey)?;
        self.with_key(name, key.expose())
    }

    fn with_key(mut self, name: HeaderName, value: &str) -> Result<Self, ControlError> {
        let mut value = HeaderValue::from_str(value).map_err(|_| ControlError::InvalidKey)?;
        value.set_sensitive(true);
        self.key = Some((name, value));
        Ok(self)
    }

    /// Ends a job, and comes back at once: the deliveries in the report are
    /// most likely still pending.
    ///
    /// # Errors
    /// [`ControlError`] if the simulator cannot be reached or refuses the job.
    pub async fn trigger(&self, job: &Job) -> Result<JobReport, ControlError> {
        let request = self.request(Method::POST, "/simulator/jobs");
        Self::call(request.timeout(TIMEOUT), Some(json!(job))).await
    }

    /// Ends a job, and waits until every delivery has ended, with all its
    /// retries. That takes as long as the simulator's settings make it; there
    /// is no time-out.
    ///
    /// # Errors
    /// As for [`trigger`](Self::trigger).
    pub async fn trigger_and_wait(&self, job: &Job) -> Result<JobReport, ControlError> {
        let request = self.request(Method::POST, "/simulator/jobs?wait=true");
        Self::call(request, Some(json!(job))).await
    }

    /// The attempts after this sequence number, the oldest first; 0 for all
    /// that the simulator still keeps.
    ///
    /// # Errors
    /// [`ControlError`] if the simulator cannot be reached.
    pub async fn attempts(&self, after: u64) -> Result<Vec<Attempt>, ControlError> {
        let path = format!("/simulator/attempts?after={after}");
        Self::call(self.request(Method::GET, &path).timeout(TIMEOUT), None).await
    }

    /// Changes the status of a webhook; only `active` delivers.
    ///
    /// # Errors
    /// [`ControlError`] if the simulator cannot be reached, or has no such
    /// webhook.
    pub async fn set_status(&self, id: u64, status: &str) -> Result<(), ControlError> {
        let request = self.request(Method::PATCH, &format!("/simulator/webhooks/{id}"));
        let body = json!({ "status": status });
        let _: serde_json::Value = Self::call(request.timeout(TIMEOUT), Some(body)).await?;
        Ok(())
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method, format!("{}{path}", self.base_url));
        match &self.key {
            Some((name, value)) => request.header(name, value),
            None => request,
        }
    }

    async fn call<T: DeserializeOwned>(
        request: RequestBuilder,
        body: Option<serde_json::Value>,
    ) -> Result<T, ControlError> {
        let request = match body {
            Some(body) => request
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(body.to_string()),
            None => request,
        };
        let response = request.send().await?;
        let status = response.status().as_u16();
        let body = response.bytes().await?;
        match serde_json::from_slice(&body) {
            Ok(Envelope::Success { data }) => Ok(data),
            Ok(Envelope::Failure { message }) => Err(ControlError::Refused { status, message }),
            Err(_) => Err(ControlError::NotASimulator { status }),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Envelope<T> {
    Success { data: T },
    Failure { message: String },
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control")
            .field("base_url", &self.base_url)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
