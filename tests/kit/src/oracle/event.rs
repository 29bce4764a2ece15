use std::collections::BTreeMap;

use nano_webhook_core::WebhookEvent;

use super::json::Json;
use super::number::{compare_credits, number, to_u64};

/// Beyond this many brackets the parser, which recurses, is not asked.
pub const MAX_BRACKETS: usize = 500;

const REASONS: [&str; 5] = [
    "error",
    "reason",
    "message",
    "error_message",
    "failure_reason",
];

/// Fails if this is not what a signed body means: its event, or the text of the problem.
pub fn check(body: &[u8], read: Result<&WebhookEvent, &str>) {
    let Ok(text) = std::str::from_utf8(body) else {
        assert_eq!(read, Err("the body is not UTF-8"));
        return;
    };
    let not_json = read.err().is_some_and(|problem| {
        let quotes_nothing = problem.is_ascii() && problem.len() < 150 && !problem.contains('"');
        assert!(quotes_nothing, "says too much: {problem}");
        problem.starts_with("the body is not JSON: ")
    });
    if text.matches(['[', '{']).count() > MAX_BRACKETS {
        return;
    }
    let Some(document) = Json::parse(text) else {
        assert!(not_json || read == Err(NOT_AN_OBJECT), "{read:?}");
        return;
    };
    let mut faults = Vec::new();
    let fields = fields_of(&document, &mut faults);
    match read {
        Err(problem) => assert!(
            faults.iter().any(|fault| fault == problem),
            "{problem:?} is none of {faults:?}"
        ),
        Ok(read) => {
            assert!(faults.is_empty(), "{faults:?}, accepted as {read:?}");
            compare(&fields, read);
        }
    }
}

const NOT_AN_OBJECT: &str = "the body is not a JSON object";

/// What an event consists of, the credits as they are written.
type Fields = BTreeMap<&'static str, String>;

/// Reads a document, and notes everything that could be reported as wrong with it.
fn fields_of(document: &Json<'_>, faults: &mut Vec<String>) -> Fields {
    if !matches!(document, Json::Object(_)) {
        faults.push(NOT_AN_OBJECT.to_owned());
        return Fields::new();
    }
    let mut once = |object: &Json<'_>, name: &str, field: &str| {
        if object.members(name).len() > 1 {
            faults.push(format!("{field} is given more than once"));
        }
    };
    once(document, "event", "event");
    once(document, "task_id", "task_id");
    let event = text(document.first("event"));
    let is_completed = event.as_deref() == Some("job.completed");
    let is_failed = event.as_deref() == Some("job.failed");
    let mut fields = vec![
        ("event", event),
        ("task_id", text(document.first("task_id"))),
    ];
    let mut required = vec!["event"];
    if is_completed || is_failed {
        for name in ["task_type", "status", "timestamp", "data"] {
            once(document, name, name);
        }
        let data = document.first("data").unwrap_or(&Json::Null);
        once(data, "url", "data.url");
        once(data, "credits_charged", "data.credits_charged");
        let optional = |name| document.first(name)?.as_text().map(str::to_owned);
        fields.extend(["task_type", "status", "timestamp"].map(|name| (name, optional(name))));
        fields.push(("credits", data.first("credits_charged").and_then(number)));
        required.push("task_id");
        if is_completed {
            fields.push(("data.url", text(data.first("url"))));
            required.push("data.url");
        } else {
            let (reason, code) = explain(data, document);
            fields.extend([("reason", reason), ("code", code)]);
        }
    }
    let fields = fields.into_iter();
    let fields: Fields = fields
        .filter_map(|(name, text)| Some((name, text?)))
        .collect();
    for field in required {
        if !fields.contains_key(field) {
            faults.push(format!("{field} is missing, empty or unreadable"));
        }
    }
    fields
}

fn compare(fields: &Fields, read: &WebhookEvent) {
    let mut seen = vec![("event", Some(read.name())), ("task_id", read.task_id())];
    let (task_type, status, timestamp, credits) = match read {
        WebhookEvent::Completed(job) => {
            seen.push(("data.url", Some(&job.url)));
            (
                &job.task_type,
                &job.status,
                &job.timestamp,
                job.credits_charged,
            )
        }
        WebhookEvent::Failed(job) => {
            seen.extend([("reason", job.reason()), ("code", job.code())]);
            (
                &job.task_type,
                &job.status,
                &job.timestamp,
                job.credits_charged,
            )
        }
        _ => (&None, &None, &None, None),
    };
    seen.push(("task_type", task_type.as_ref().map(|text| text.as_str())));
    seen.push(("status", status.as_ref().map(|text| text.as_str())));
    seen.push(("timestamp", timestamp.as_deref()));
    let mut fields = fields.clone();
    compare_credits(credits, fields.remove("credits").as_deref());
    let seen = seen.into_iter();
    let seen: Fields = seen
        .filter_map(|(name, text)| Some((name, text?.to_owned())))
        .collect();
    assert_eq!(seen, fields);
}

/// The reason and the code of a failed job.
fn explain(data: &Json<'_>, document: &Json<'_>) -> (Option<String>, Option<String>) {
    let levels = [data, document];
    let mut causes: Vec<_> = levels
        .iter()
        .flat_map(|level| REASONS.map(|name| cause(level.first(name))))
        .collect();
    let gives_reason = causes.iter().position(|(reason, _)| reason.is_some());
    let given = gives_reason.map(|place| causes.remove(place));
    let (reason, own_code) = given.unwrap_or_default();
    let mut fields = levels
        .iter()
        .flat_map(|level| ["code", "error_code"].map(|name| code(level.first(name))));
    (
        reason.or_else(|| text(Some(data))),
        own_code
            .or_else(|| causes.into_iter().find_map(|(_, code)| code))
            .or_else(|| fields.find_map(|code| code)),
    )
}

/// The reason and the code that a member gives.
fn cause(value: Option<&Json<'_>>) -> (Option<String>, Option<String>) {
    match value {
        Some(object @ Json::Object(_)) => (
            ["message", "reason", "error"]
                .iter()
                .find_map(|name| text(object.first(name))),
            code(object.first("code")).or_else(|| text(object.first("type"))),
        ),
        other => (text(other), None),
    }
}

fn text(value: Option<&Json<'_>>) -> Option<String> {
    let text = value?.as_text().filter(|text| !text.is_empty());
    text.map(str::to_owned)
}

/// A text, or a whole number: as it is written if that is in digits, else in digits.
fn code(value: Option<&Json<'_>>) -> Option<String> {
    text(value).or_else(|| {
        let Json::Number(literal) = value? else {
            return None;
        };
        let digits = literal.strip_prefix('-').unwrap_or(literal);
        match digits.bytes().all(|byte| byte.is_ascii_digit()) {
            true => Some((*literal).to_owned()),
            false => to_u64(literal).map(|number| number.to_string()),
        }
    })
}
