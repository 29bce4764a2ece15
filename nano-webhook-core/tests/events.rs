//! Signed bodies and the events that they are read as.
//!
//! `conformance/vectors` has the shared cases. These tests cover the fields named
//! in warnings and errors, deep nesting, and credits.
#![allow(clippy::unwrap_used, clippy::panic)]

use nano_webhook_conformance::event_json;
use nano_webhook_core::{
    Credits, Delivery, JobCompleted, JobFailed, MatchedSecret, UnixTime, WebhookEvent,
};
use nano_webhook_test_kit::LogCapture;

/// The delivery, or what is wrong with the body.
fn delivery(body: &str) -> Result<Delivery, String> {
    let (at, secret) = (UnixTime::from_secs(0), MatchedSecret::Current);
    let delivery = Delivery::assume_verified(body.to_owned(), at, secret);
    delivery.map_err(|error| error.to_string())
}

fn read(body: &str) -> Result<WebhookEvent, String> {
    delivery(body).map(Delivery::into_event)
}

fn completed(rest: &str, data: &str) -> String {
    format!(r#"{{"event":"job.completed","task_id":"t"{rest},"data":{{"url":"u"{data}}}}}"#)
}

fn failed(rest: &str) -> String {
    format!(r#"{{"event":"job.failed","task_id":"t"{rest}}}"#)
}

/// The values that are present, with their names.
fn summary(body: &str) -> String {
    let json = event_json(&delivery(body).unwrap_or_else(|error| panic!("{body}: {error}")));
    let names = "event url reason code task_type status timestamp credits_charged".split(' ');
    let values = names.filter_map(|name| Some((name, json.get("event")?.get(name)?)));
    let present = values.filter(|(_, value)| !value.is_null());
    let present = present.map(|(name, value)| format!("{name}: {value}"));
    present.collect::<Vec<_>>().join(", ").replace('"', "")
}

#[test]
fn an_unreadable_value_is_absent_and_named_in_one_warning() {
    #[rustfmt::skip]
    let rows = [
        (completed("", ""), "url: u", None),
        (completed(r#","status":null"#, r#","credits_charged":null"#), "url: u", None),
        (completed(r#","status":"\udead","task_type":"video""#, ""), "url: u, task_type: video", Some("status")),
        (completed(r#","timestamp":1734948000.5,"task_type":[],"status":"s""#, r#","credits_charged":-1e999"#), "url: u, status: s", Some("task_type, timestamp, data.credits_charged")),
        (completed(r#","x":"\ud800","y":{"\udfff":[1e309]}"#, r#","z":1E+400"#), "url: u", None),
        (failed(r#","error":"\ud83d","data":{"error":{"code":"c","message":"\ud83d"}}"#), "code: c", Some("data.error.message, error")),
        (failed(r#","message":"m","data":{"reason":7,"code":false}"#), "reason: m", Some("data.reason, data.code")),
        (failed(r#","data":["d"],"failure_reason":{"type":3,"reason":"r"}"#), "reason: r", Some("failure_reason.type, data")),
        (failed(r#","status":{},"data":{"url":"\udc00","credits_charged":2.0,"error_code":-4}"#), "code: -4, credits_charged: 2.0", Some("status, data.url")),
        // Of a name that is not documented the first counts.
        (failed(r#","error":"first","error":"second""#), "reason: first", None),
        (r#"{"event":"job.paused","task_id":["t"],"status":7}"#.to_owned(), "event: job.paused", Some("task_id")),
        (r#"{"event":"job.paused","task_id":"t","status":7,"status":8}"#.to_owned(), "event: job.paused", None),
    ];
    let (log, _guard) = LogCapture::of_this_thread();
    for (body, expected, warned) in rows {
        assert_eq!(summary(&body), expected, "{body}");
        let lines = log.take();
        assert_eq!(
            lines.lines().count(),
            usize::from(warned.is_some()),
            "{body}"
        );
        let fields = warned
            .map(|fields| format!("fields=\"{fields}\""))
            .unwrap_or_default();
        assert!(lines.contains(&fields), "{body}: {lines}");
    }
}

/// What is never read may be nested to any depth.
#[test]
fn nesting_refuses_nothing() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let deep = format!("{}1e999{}", open.repeat(10_000), close.repeat(10_000));
        for body in [
            completed(&format!(r#","x":{deep}"#), &format!(r#","y":{deep}"#)),
            failed(&format!(
                r#","status":{deep},"data":{{"error":{{"x":{deep}}}}}"#
            )),
            failed(&format!(r#","data":{deep}"#)),
            format!(r#"{{"event":"job.paused","task_id":{deep},"data":{deep}}}"#),
        ] {
            let event = read(&body);
            assert!(event.is_ok(), "{open}: {event:?}");
        }
    }
}

#[test]
fn an_error_names_the_field() {
    #[rustfmt::skip]
    let rows = [
        (r#"{"event":"\ud83d"}"#, "event is missing"),
        (r#"{"event":1e400,"task_id":"t"}"#, "event is missing"),
        (r#"{"event":"job.failed","task_id":"\udc00"}"#, "task_id is missing"),
        (r#"{"event":"job.completed","task_id":1e400,"data":{"url":"u"}}"#, "task_id is missing"),
        (r#"{"event":"job.completed","task_id":"t","data":{"url":"https://\ud83d"}}"#, "data.url is missing"),
        (r#"{"event":"job.completed","task_id":"t","data":"u"}"#, "data.url is missing"),
        (r#"{"event":"job.completed","task_id":"t","status":1,"status":2,"data":{"url":"u"}}"#, "status is given more than once"),
        (r#"{"event":"job.completed","task_id":"t","data":{"url":"u","credits_charged":"\ud83d","credits_charged":1}}"#, "data.credits_charged is given more than once"),
        (r#"{"event":"job.failed","task_id":"t","data":null,"data":{}}"#, "data is given more than once"),
        (r#"{"event":"job.failed","task_id":"t","data":{"url":1,"url":2}}"#, "data.url is given more than once"),
        (r#"{"event":"job.paused","task_id":"\ud83d","task_id":"t"}"#, "task_id is given more than once"),
        (r#"{"event":"job.failed","task_id":"t","x":{"y":[1,]}}"#, "not JSON"),
        (r#"{"event":"job.failed","task_id":"t","x":"\ud83d","y":01}"#, "not JSON"),
    ];
    for (body, expected) in rows {
        let error = read(body).unwrap_err();
        assert!(error.contains(expected), "{body}: {error}");
    }
}

#[test]
fn credits_are_equal_by_value() {
    let credits = |number: &str| {
        let event = read(&completed("", &format!(r#","credits_charged":{number}"#)));
        match event.unwrap() {
            WebhookEvent::Completed(job) => job.credits_charged,
            other => panic!("{other:?}"),
        }
    };
    #[rustfmt::skip]
    let rows: &[(&[&str], Option<u64>, f64)] = &[
        (&["6", "6.0", "6e0", "0.6E+1", "600e-2", "6.000e0", "60000000000000000000000000000000000000000e-40"], Some(6), 6.0),
        (&["0", "-0", "0.0", "-0e9", "0e999999999999999999999"], Some(0), 0.0),
        (&["9007199254740993", "9007199254740993.0", "9.007199254740993e15"], Some(9_007_199_254_740_993), 9_007_199_254_740_992.0),
        (&["18446744073709551615", "18446744073709551615.00", "1844674407370955161.5e1"], Some(u64::MAX), 18_446_744_073_709_551_615.0),
        (&["18446744073709551616", "18446744073709551616.0"], None, 18_446_744_073_709_551_616.0),
        (&["6.5", "65e-1", "0.65e1"], None, 6.5),
        (&["-3", "-3.0", "-30e-1"], None, -3.0),
    ];
    for (forms, whole, float) in rows {
        for form in *forms {
            let amount = credits(form).unwrap_or_else(|| panic!("{form} cannot be read"));
            assert_eq!(
                (amount.as_u64(), amount.as_f64()),
                (*whole, *float),
                "{form}"
            );
            assert_eq!(Some(amount), credits(forms[0]), "{form}");
        }
    }
    assert_eq!(credits("6.50").unwrap().to_string(), "6.5");
    assert_eq!(credits("6").unwrap(), Credits::from(6));
}

#[test]
fn constructors_make_what_a_body_is_read_as() {
    let mut job = JobCompleted::new("t", "u");
    job.credits_charged = Some(6.into());
    let with_code = JobFailed::new("t", "why").with_code("c");
    for (made, body) in [
        (WebhookEvent::completed("t", "u"), completed("", "")),
        (
            WebhookEvent::Completed(job),
            completed("", r#","credits_charged":6"#),
        ),
        (
            WebhookEvent::failed("t", "why"),
            failed(r#","data":{"error":"why"}"#),
        ),
        (
            WebhookEvent::Failed(with_code),
            failed(r#","data":{"error":"why","code":"c"}"#),
        ),
        (
            WebhookEvent::unknown("job.paused", "t"),
            r#"{"event":"job.paused","task_id":"t"}"#.to_owned(),
        ),
    ] {
        assert_eq!(Ok(made), read(&body));
    }
}
