//! Signed bodies and the events that they are read as.
//!
//! `conformance/vectors` has the shared cases. These tests cover the fields named
//! in warnings and errors, deep nesting, and credits.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::{Arc, Mutex};

use nano_webhook_core::{Credits, Delivery, MatchedSecret, UnixTime, WebhookEvent};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The event, or what is wrong with the body, and the fields that each warning
/// names.
fn read(body: &str) -> (Result<WebhookEvent, String>, Vec<String>) {
    let log = Log::default();
    let delivery = tracing::subscriber::with_default(log.clone(), || {
        Delivery::assume_verified(
            body.to_owned(),
            UnixTime::from_secs(0),
            MatchedSecret::Current,
        )
    });
    let event = delivery.map(Delivery::into_event);
    let warnings = log.0.lock().unwrap().clone();
    (event.map_err(|error| error.to_string()), warnings)
}

/// The `fields` of each log event.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        struct Fields(String);
        impl Visit for Fields {
            fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
            fn record_str(&mut self, field: &Field, value: &str) {
                if field.name() == "fields" {
                    value.clone_into(&mut self.0);
                }
            }
        }
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        self.0.lock().unwrap().push(fields.0);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The optional values, `-` for each that is absent.
fn summary(event: &WebhookEvent) -> String {
    let dash = |value: Option<&str>| value.unwrap_or("-").to_owned();
    let number = |value: Option<Credits>| value.map_or("-".to_owned(), |value| value.to_string());
    match event {
        WebhookEvent::Completed(job) => [
            job.url.clone(),
            dash(job.task_type.as_ref().map(|text| text.as_str())),
            dash(job.status.as_ref().map(|text| text.as_str())),
            dash(job.timestamp.as_deref()),
            number(job.credits_charged),
        ]
        .join(" "),
        WebhookEvent::Failed(job) => [
            dash(job.reason()),
            dash(job.code()),
            dash(job.status.as_ref().map(|text| text.as_str())),
            number(job.credits_charged),
        ]
        .join(" "),
        other => format!("{} {}", other.name(), dash(other.task_id())),
    }
}

#[test]
fn an_unreadable_value_is_absent_and_named_in_one_warning() {
    let completed = |rest: &str, data: &str| {
        format!(r#"{{"event":"job.completed","task_id":"t"{rest},"data":{{"url":"u"{data}}}}}"#)
    };
    let failed = |rest: &str| format!(r#"{{"event":"job.failed","task_id":"t"{rest}}}"#);
    for (body, expected, warnings) in [
        (completed("", ""), "u - - - -", vec![]),
        (
            completed(r#","status":null"#, r#","credits_charged":null"#),
            "u - - - -",
            vec![],
        ),
        (
            completed(r#","status":"\udead","task_type":"video""#, ""),
            "u video - - -",
            vec!["status"],
        ),
        (
            completed(
                r#","timestamp":1734948000.5,"task_type":[],"status":"s""#,
                r#","credits_charged":-1e999"#,
            ),
            "u - s - -",
            vec!["task_type, timestamp, data.credits_charged"],
        ),
        (
            completed(r#","x":"\ud800","y":{"\udfff":[1e309]}"#, r#","z":1E+400"#),
            "u - - - -",
            vec![],
        ),
        (
            failed(r#","error":"\ud83d","data":{"error":{"code":"c","message":"\ud83d"}}"#),
            "- c - -",
            vec!["data.error.message, error"],
        ),
        (
            failed(r#","message":"m","data":{"reason":7,"code":false}"#),
            "m - - -",
            vec!["data.reason, data.code"],
        ),
        (
            failed(r#","data":["d"],"failure_reason":{"type":3,"reason":"r"}"#),
            "r - - -",
            vec!["failure_reason.type, data"],
        ),
        (
            failed(r#","status":{},"data":{"url":"\udc00","credits_charged":2.0,"error_code":-4}"#),
            "- -4 - 2",
            vec!["status, data.url"],
        ),
        // Of a name that is not documented the first counts.
        (
            failed(r#","error":"first","error":"second""#),
            "first - - -",
            vec![],
        ),
        (
            r#"{"event":"job.paused","task_id":["t"],"status":7}"#.to_owned(),
            "job.paused -",
            vec!["task_id"],
        ),
        (
            r#"{"event":"job.paused","task_id":"t","status":7,"status":8}"#.to_owned(),
            "job.paused t",
            vec![],
        ),
    ] {
        let (event, seen) = read(&body);
        let event = event.unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!(
            (summary(&event).as_str(), seen),
            (expected, warnings.iter().map(ToString::to_string).collect()),
            "{body}"
        );
    }
}

/// What is never read may be nested to any depth.
#[test]
fn nesting_refuses_nothing() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let deep = format!("{}1e999{}", open.repeat(10_000), close.repeat(10_000));
        for body in [
            format!(
                r#"{{"x":{deep},"event":"job.completed","task_id":"t","data":{{"url":"u","y":{deep}}}}}"#
            ),
            format!(
                r#"{{"event":"job.failed","task_id":"t","status":{deep},"data":{{"error":{{"x":{deep}}}}}}}"#
            ),
            format!(r#"{{"event":"job.failed","task_id":"t","data":{deep}}}"#),
            format!(r#"{{"event":"job.paused","task_id":{deep},"data":{deep}}}"#),
        ] {
            let (event, _) = read(&body);
            assert!(event.is_ok(), "{open}: {event:?}");
        }
    }
}

#[test]
fn an_error_names_the_field() {
    for (body, expected) in [
        (r#"{"event":"\ud83d"}"#, "event is missing"),
        (r#"{"event":1e400,"task_id":"t"}"#, "event is missing"),
        (
            r#"{"event":"job.failed","task_id":"\udc00"}"#,
            "task_id is missing",
        ),
        (
            r#"{"event":"job.completed","task_id":1e400,"data":{"url":"u"}}"#,
            "task_id is missing",
        ),
        (
            r#"{"event":"job.completed","task_id":"t","data":{"url":"https://\ud83d"}}"#,
            "data.url is missing",
        ),
        (
            r#"{"event":"job.completed","task_id":"t","data":"u"}"#,
            "data.url is missing",
        ),
        (
            r#"{"event":"job.completed","task_id":"t","status":1,"status":2,"data":{"url":"u"}}"#,
            "status is given more than once",
        ),
        (
            r#"{"event":"job.completed","task_id":"t","data":{"url":"u","credits_charged":"\ud83d","credits_charged":1}}"#,
            "data.credits_charged is given more than once",
        ),
        (
            r#"{"event":"job.failed","task_id":"t","data":null,"data":{}}"#,
            "data is given more than once",
        ),
        (
            r#"{"event":"job.failed","task_id":"t","data":{"url":1,"url":2}}"#,
            "data.url is given more than once",
        ),
        (
            r#"{"event":"job.paused","task_id":"\ud83d","task_id":"t"}"#,
            "task_id is given more than once",
        ),
        (
            r#"{"event":"job.failed","task_id":"t","x":{"y":[1,]}}"#,
            "not JSON",
        ),
        (
            r#"{"event":"job.failed","task_id":"t","x":"\ud83d","y":01}"#,
            "not JSON",
        ),
    ] {
        let (event, _) = read(body);
        let error = event.unwrap_err();
        assert!(error.contains(expected), "{body}: {error}");
    }
}

#[test]
fn credits_are_equal_by_value() {
    let credits = |number: &str| {
        let body = format!(
            r#"{{"event":"job.completed","task_id":"t","data":{{"url":"u","credits_charged":{number}}}}}"#
        );
        match read(&body).0.unwrap() {
            WebhookEvent::Completed(job) => job.credits_charged,
            other => panic!("{other:?}"),
        }
    };
    for (forms, whole, float) in [
        (
            &["6", "6.0", "6e0", "0.6E+1", "600e-2", "6.000e0"][..],
            Some(6),
            6.0,
        ),
        (
            &["0", "-0", "0.0", "-0e9", "0e999999999999999999999"],
            Some(0),
            0.0,
        ),
        (
            &[
                "9007199254740993",
                "9007199254740993.0",
                "9.007199254740993e15",
            ],
            Some(9_007_199_254_740_993),
            9_007_199_254_740_992.0,
        ),
        (
            &[
                "18446744073709551615",
                "18446744073709551615.00",
                "1844674407370955161.5e1",
            ],
            Some(u64::MAX),
            18_446_744_073_709_551_615.0,
        ),
        (
            &["18446744073709551616", "18446744073709551616.0"],
            None,
            18_446_744_073_709_551_616.0,
        ),
        (&["6.5", "65e-1", "0.65e1"], None, 6.5),
        (&["-3", "-3.0", "-30e-1"], None, -3.0),
        (
            &["60000000000000000000000000000000000000000e-40"],
            Some(6),
            6.0,
        ),
    ] {
        for form in forms {
            let amount = credits(form).unwrap_or_else(|| panic!("{form} cannot be read"));
            assert_eq!((amount.as_u64(), amount.as_f64()), (whole, float), "{form}");
            assert_eq!(Some(amount), credits(forms[0]), "{form}");
        }
    }
    assert_eq!(credits("6.50").unwrap().to_string(), "6.5");
    assert_eq!(credits("6").unwrap(), Credits::from(6));
}

#[cfg(feature = "test-util")]
#[test]
fn constructors_make_what_a_body_is_read_as() {
    use nano_webhook_core::{JobCompleted, JobFailed};

    let mut completed = JobCompleted::new("t", "u");
    completed.credits_charged = Some(6.into());
    for (made, body) in [
        (
            WebhookEvent::completed("t", "u"),
            r#"{"event":"job.completed","task_id":"t","data":{"url":"u"}}"#,
        ),
        (
            WebhookEvent::Completed(completed),
            r#"{"event":"job.completed","task_id":"t","data":{"url":"u","credits_charged":6}}"#,
        ),
        (
            WebhookEvent::failed("t", "why"),
            r#"{"event":"job.failed","task_id":"t","data":{"error":"why"}}"#,
        ),
        (
            WebhookEvent::Failed(JobFailed::new("t", "why").with_code("c")),
            r#"{"event":"job.failed","task_id":"t","data":{"error":"why","code":"c"}}"#,
        ),
        (
            WebhookEvent::unknown("job.paused", "t"),
            r#"{"event":"job.paused","task_id":"t"}"#,
        ),
    ] {
        assert_eq!(Ok(made), read(body).0);
    }
}
