use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use nano_webhook_core::UnixTime;
use serde::Serialize;
use serde_json::Number;

use crate::error::Error;
use crate::job::{Job, JobOutcome};

/// What every attempt of a delivery sends.
pub(crate) struct Message {
    pub(crate) event: &'static str,
    pub(crate) task_id: String,
    pub(crate) body: Bytes,
}

/// The body of a delivery as `JSON.stringify` writes it, with its fields in the
/// order of the provider's example.
#[derive(Serialize)]
struct Payload<'a> {
    event: &'static str,
    task_id: &'a str,
    task_type: &'a str,
    status: &'a str,
    data: Data<'a>,
    timestamp: String,
}

#[derive(Serialize)]
struct Data<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// The provider's page shows no failed payload. This is the documented one
    /// with the reason in place of the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    credits_charged: Number,
}

impl Message {
    /// The event of a job, with defaults for the fields that it does not set.
    pub(crate) fn new(job: &Job, ended_at: UnixTime) -> Result<Self, Error> {
        for (field, text) in [
            ("task_type", &job.task_type),
            ("task_id", &job.task_id),
            ("url", &job.url),
        ] {
            if text.as_deref() == Some("") {
                return Err(Error::invalid(format!("{field} must not be empty")));
            }
        }
        let random_id = || format!("task_{:016x}", fastrand::u64(..));
        let task_id = job.task_id.clone().unwrap_or_else(random_id);
        let task_type = job.task_type.as_deref().unwrap_or("image");
        let invalid = |problem: &'static str| Err(Error::invalid(problem));
        let (status, credits, url, error) = match (job.outcome, &job.url, &job.reason) {
            (JobOutcome::Completed, _, Some(_)) => return invalid("a completed job has no reason"),
            (JobOutcome::Failed, Some(_), _) => return invalid("a failed job has no url"),
            (JobOutcome::Completed, url, None) => {
                let extension = if task_type == "video" { "mp4" } else { "png" };
                let default = || format!("https://cdn.example.com/{task_id}.{extension}");
                let url = url.clone().unwrap_or_else(default);
                ("completed", 6.0, Some(url), None)
            }
            (JobOutcome::Failed, None, reason) => {
                let reason = reason.as_deref().unwrap_or("the simulated job failed");
                ("failed", 0.0, None, Some(reason))
            }
        };
        let payload = Payload {
            event: job.outcome.event(),
            task_id: &task_id,
            task_type,
            status,
            data: Data {
                url,
                error,
                credits_charged: number(job.credits.unwrap_or(credits))?,
            },
            timestamp: rfc3339(ended_at),
        };
        let not_json = |source| Error::invalid("the job is not JSON").because(source);
        let body = serde_json::to_vec(&payload).map_err(not_json)?.into();
        let event = payload.event;
        Ok(Self {
            event,
            task_id,
            body,
        })
    }
}

/// Within these bounds a number is written without an exponent, as ECMAScript
/// writes it, and without a sign.
fn number(credits: f64) -> Result<Number, Error> {
    let is_allowed = credits == 0.0 || (1e-5..=1e15).contains(&credits);
    let number = (credits + 0.0).to_string().parse().ok();
    let problem = "credits must be 0, or from 0.00001 to 10^15";
    (number.filter(|_| is_allowed)).ok_or_else(|| Error::invalid(problem))
}

/// Whole seconds in UTC, as in the example: `2024-12-23T10:00:00Z`.
fn rfc3339(time: UnixTime) -> String {
    // The format ends with the year 9999.
    const LATEST: u64 = 253_402_300_799;
    let since_epoch = Duration::from_secs(time.as_secs().min(LATEST));
    humantime::format_rfc3339_seconds(UNIX_EPOCH + since_epoch).to_string()
}

#[cfg(test)]
mod tests {
    use super::Message;
    use crate::error::ErrorKind;
    use crate::job::Job;
    use nano_webhook_core::UnixTime;

    fn body(job: Job, secs: u64) -> String {
        let message = Message::new(&job, UnixTime::from_secs(secs)).unwrap();
        String::from_utf8(message.body.to_vec()).unwrap()
    }

    #[test]
    fn a_failed_payload() {
        let job = Job::failed().task_id("t").task_type("video");
        let expected = r#"{"event":"job.failed","task_id":"t","task_type":"video","status":"failed","data":{"error":"a \"b\"\n","credits_charged":0},"timestamp":"1970-01-01T00:00:00Z"}"#;
        assert_eq!(body(job.reason("a \"b\"\n"), 0), expected);
    }

    #[test]
    fn numbers_as_ecmascript_writes_them() {
        for (credits, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (6.0, "6"),
            (6.5, "6.5"),
            (0.1, "0.1"),
            (0.00001, "0.00001"),
            (0.000012345, "0.000012345"),
            (1e15, "1000000000000000"),
            (123_456_789_012_345.6, "123456789012345.6"),
        ] {
            let body = body(Job::completed().credits(credits), 0);
            assert!(body.contains(&format!("_charged\":{text}}}")), "{body}");
        }
        // JSON has none of these, so the tests of the API do not either.
        for credits in [f64::NAN, f64::INFINITY] {
            let job = Job::completed().credits(credits);
            let error = Message::new(&job, UnixTime::now()).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Invalid);
        }
        // The clock is beyond what its format can say.
        assert!(body(Job::completed(), u64::MAX).contains("9999-12-31T23:59:59Z"));
    }
}
