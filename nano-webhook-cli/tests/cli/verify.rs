//! `verify` names the mistake that was made, for each that it knows, and none
//! for a forgery. What is right is computed here, by another implementation.

mod bodies;
mod case;
mod inputs;
mod rest;
mod secrets;

use serde_json::Value;

use self::bodies::bodies;
use self::case::{BODY, Case, TIMESTAMP, mistake};
use self::rest::{forms, messages, others, pairs, times};
use self::secrets::secrets;
use crate::support::sign::{mac, signature};
use crate::support::{Run, SECRET};

fn all() -> Vec<Case> {
    let rest = [forms(), times(), pairs(), others()].concat();
    [secrets(), bodies(), messages(), rest].concat()
}

#[test]
fn each_mistake_is_named() {
    let mut wrong = Vec::new();
    for (position, case) in all().iter().enumerate() {
        let run = case.run(true);
        let found = run.json();
        let expected = Value::from(case.causes.clone());
        if run.code != 1
            || found["verified"] != false
            || found["causes"] != expected
            || found["cause"] != case.causes[0]
            || found["code"] != case.code
        {
            wrong.push(format!("{position}: {:?}: {found}", case.causes));
        }
        check_explanation(case, &run, found["explanation"].as_str().unwrap());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One sentence, and no secret and no right signature in it.
fn check_explanation(case: &Case, run: &Run, explanation: &str) {
    assert!(explanation.ends_with('.'), "{explanation}");
    assert!(!explanation.contains(". "), "{explanation}");
    assert!(explanation.starts_with(char::is_uppercase), "{explanation}");
    let shown = format!("{}{}", run.stdout, run.stderr);
    let right = mac(SECRET, format!("{TIMESTAMP}.{BODY}"));
    for secret in [SECRET, case.secret.trim(), &right] {
        assert!(!shown.contains(secret), "{shown}");
    }
    for length in [16, 32, 64] {
        let hex = shown
            .split(|character: char| !character.is_ascii_hexdigit())
            .any(|run| run.len() >= length);
        assert!(!hex, "something like a MAC: {shown}");
    }
}

/// The tables have a case for every cause that the program knows.
#[test]
fn every_cause_is_tried() {
    let sources = [
        include_str!("../../src/commands/verify/rows/body.rs"),
        include_str!("../../src/commands/verify/rows/message.rs"),
        include_str!("../../src/commands/verify/rows/secret.rs"),
    ];
    let readme = include_str!("../../README.md");
    let tried = [secrets(), bodies(), messages()].concat();
    let kinds = ["secret_", "body_", "timestamp_", "separator_", "message_"];
    let mut count = 0;
    for line in sources.iter().flat_map(|source| source.lines()) {
        let row = line.trim().trim_start_matches("row").strip_prefix("(\"");
        let code = row.and_then(|row| row.split('"').next());
        let is_cause = |code: &&str| kinds.iter().any(|kind| code.starts_with(kind));
        if let Some(code) = code.filter(is_cause) {
            let is_tried = tried.iter().any(|case| case.causes.contains(&code));
            assert!(is_tried, "{code} has no case");
            count += 1;
        }
    }
    assert!(count > 75, "{count}");
    for code in all().iter().flat_map(|case| &case.causes) {
        let is_named = readme.contains(&format!("`{code}`"));
        assert!(is_named, "the README does not name {code}");
    }
}

#[test]
fn a_forgery_has_no_cause() {
    let forged = |signature: String| Case {
        signature,
        causes: Vec::new(),
        ..mistake(&[])
    };
    let other_secret = signature("another secret, of another webhook", TIMESTAMP, BODY);
    let changed = BODY.replace(":6", ":7");
    for case in [
        forged(other_secret),
        forged(signature(SECRET, TIMESTAMP, &changed)),
        // Further off than any time that is tried.
        forged(signature(SECRET, "1737000000", BODY)),
        // Its form is wrong as well, but that does not make it match.
        forged(format!("sha256={}", "a".repeat(64)))
            .now("1734949000")
            .code("malformed_signature"),
    ] {
        let run = case.run(true);
        let found = run.json();
        assert_eq!(run.code, 1);
        assert_eq!(found["verified"], false);
        assert_eq!(found["code"], case.code, "{found}");
        assert_eq!(found["cause"], Value::Null, "{found}");
        assert_eq!(found["causes"], Value::Array(Vec::new()), "{found}");
        let explanation = found["explanation"].as_str().unwrap();
        assert!(explanation.contains("forgery"), "{found}");
        assert_eq!(found["hints"], Value::Array(Vec::new()), "{found}");
        check_explanation(&case, &run, explanation);
    }
}

/// What looks wrong, but is not proved.
#[test]
#[rustfmt::skip]
fn hints() {
    let forged = || mistake(&[]).key("another secret, of another webhook");
    for (case, hint) in [
        (forged().given_body(""), "empty"),
        (forged().given_body("{\"a\":\"\u{fffd}\"}"), "U+FFFD"),
        (forged().given_body("[object Object]"), "parsed body"),
        (forged().given_body(b"\x28\xb5\x2f\xfd.."), "zstd"),
        (forged().given_body("{\"event\":\"job.comp"), "cut off"),
        (forged().given_body(r#"{"Type":"Notification","Message":"{}"}"#), "SNS"),
        (forged().given_secret("${NANO_WEBHOOK_SECRET_OF_ANOTHER}"), "variable"),
        (forged().given_secret("op://vault/item/secret"), "reference"),
        (forged().given_secret("************"), "masked"),
    ] {
        let found = case.run(true).json();
        assert!(found["hints"].to_string().contains(hint), "{hint}: {found}");
    }
}

#[test]
fn what_is_right_is_verified() {
    for (case, signed_at) in [
        (mistake(&[]), 1_734_948_000_000_u64),
        (mistake(&[]).now("1734948300"), 1_734_948_000_000),
        (mistake(&[]).timestamp("1734948000123"), 1_734_948_000_123),
        (mistake(&[]).timestamp("0001734948000"), 1_734_948_000_000),
    ] {
        let run = case.run(true);
        let found = run.json();
        assert_eq!(run.code, 0, "{found}");
        assert_eq!(found["verified"], true);
        assert_eq!(found["cause"], Value::Null);
        assert_eq!(found["event"], "job.completed");
        assert_eq!(found["task_id"], "task_é");
        assert_eq!(found["signed_at_ms"], signed_at);
        assert_eq!(found["matched_secret"], "current");
    }
    let run = mistake(&[]).now("1734948012").run(false);
    assert_eq!(
        run.stdout,
        "verified job.completed task_é, signed 12.0 s ago, with the current secret\n"
    );
}

#[test]
fn text_for_people() {
    let run = mistake(&[]).given_body(format!("{BODY}\n")).run(false);
    assert_eq!(run.code, 1);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!(lines[0], "not verified (signature_mismatch)");
    let explanation = "The body has a newline at its end";
    assert!(lines[1].starts_with(explanation), "{run:?}");
    assert_eq!(lines.len(), 2);
    // Piped, so without colours.
    assert!(!run.stdout.contains('\u{1b}'));
}

/// A time zone, rather than a clock that is a bit off.
#[test]
fn whole_hours_are_called_a_time_zone() {
    for (now, is_zone) in [
        ("1734951601", true),
        ("1734948000", false),
        ("1734950000", false),
        ("1734928200", true),
    ] {
        let run = mistake(&[]).now(now).run(true);
        let explained = run.json()["explanation"].to_string().contains("time zone");
        assert_eq!(explained, is_zone, "{now}");
    }
}
