use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use nano_webhook_core::UnixTime;
use serde::Serialize;
use serde_json::Number;

use crate::job::{JobOutcome, ResolvedJob};

/// The body of a delivery as `JSON.stringify` writes it, with its fields in the
/// order of the provider's example.
#[derive(Serialize)]
struct Payload<'a> {
    event: &'a str,
    task_id: &'a str,
    task_type: &'a str,
    status: &'a str,
    data: Data<'a>,
    timestamp: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Data<'a> {
    Completed {
        url: &'a str,
        credits_charged: &'a Number,
    },
    /// The provider's page shows no failed payload. This is the documented one
    /// with the reason in place of the result.
    Failed {
        error: &'a str,
        credits_charged: &'a Number,
    },
}

pub(crate) fn payload(job: &ResolvedJob, ended_at: UnixTime) -> Result<Bytes, serde_json::Error> {
    let credits_charged = &job.credits;
    serde_json::to_vec(&Payload {
        event: job.outcome.event(),
        task_id: &job.task_id,
        task_type: &job.task_type,
        status: job.outcome.status(),
        data: match job.outcome {
            JobOutcome::Completed => Data::Completed {
                url: &job.url,
                credits_charged,
            },
            JobOutcome::Failed => Data::Failed {
                error: &job.reason,
                credits_charged,
            },
        },
        timestamp: rfc3339(ended_at),
    })
    .map(Bytes::from)
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
    use super::payload;
    use crate::job::Job;
    use nano_webhook_core::UnixTime;

    fn body(job: Job, secs: u64) -> String {
        let job = job.resolve().unwrap();
        let body = payload(&job, UnixTime::from_secs(secs)).unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[test]
    fn a_failed_payload() {
        let job = Job::failed()
            .task_id("t")
            .task_type("video")
            .reason("a \"b\"\n");
        assert_eq!(
            body(job, 0),
            r#"{"event":"job.failed","task_id":"t","task_type":"video","status":"failed","data":{"error":"a \"b\"\n","credits_charged":0},"timestamp":"1970-01-01T00:00:00Z"}"#
        );
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
    }

    #[test]
    fn a_clock_beyond_the_year_9999() {
        assert!(body(Job::completed(), u64::MAX).contains("9999-12-31T23:59:59Z"));
    }
}
