use bytes::Bytes;
use nano_webhook_core::UnixTime;
use serde::Serialize;
use serde_json::Number;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::job::{JobOutcome, ResolvedJob};

/// The body of a delivery, as `JSON.stringify` would write it, in the order of
/// the provider's example.
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
    /// The provider shows no failed payload. This is the documented one with
    /// the reason in the place of the result.
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
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|secs| OffsetDateTime::from_unix_timestamp(secs).ok())
        .and_then(|time| time.format(&Rfc3339).ok())
        // Only a clock beyond the year 9999 gets here.
        .unwrap_or_else(|| "9999-12-31T23:59:59Z".to_owned())
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

    /// The example of the provider's page, through `JSON.stringify`.
    #[test]
    fn the_documented_payload() {
        let job = Job::completed()
            .task_id("task_xxx")
            .url("https://cdn.example.com/image.png");
        assert_eq!(
            body(job, 1_734_948_000),
            r#"{"event":"job.completed","task_id":"task_xxx","task_type":"image","status":"completed","data":{"url":"https://cdn.example.com/image.png","credits_charged":6},"timestamp":"2024-12-23T10:00:00Z"}"#
        );
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
            assert!(
                body.contains(&format!("\"credits_charged\":{text}}}")),
                "{body}"
            );
        }
    }

    #[test]
    fn a_clock_far_beyond_is_no_panic() {
        assert!(body(Job::completed(), u64::MAX).contains("9999-12-31"));
    }
}
