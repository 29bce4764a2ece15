use nano_webhook_core::{Credits, InvalidEvent, JobFailed, WebhookEvent};

use super::json::{Json, to_f64};

/// Beyond this many brackets the parser, which recurses, is not asked.
pub(crate) const MAX_BRACKETS: usize = 500;

const REASONS: [&str; 5] = [
    "error",
    "reason",
    "message",
    "error_message",
    "failure_reason",
];

/// Fails if this is not what a signed body means.
pub(crate) fn check(body: &[u8], judged: Result<&WebhookEvent, &InvalidEvent>) {
    if let Err(InvalidEvent::NotJson { problem }) = judged {
        let quotes_nothing = problem.is_ascii() && problem.len() < 120 && !problem.contains('"');
        assert!(quotes_nothing, "says too much: {problem}");
    }
    let Ok(text) = std::str::from_utf8(body) else {
        assert_eq!(judged, Err(&InvalidEvent::NotUtf8));
        return;
    };
    if text.matches(['[', '{']).count() > MAX_BRACKETS {
        return;
    }
    match Json::parse(text) {
        None => assert!(
            matches!(
                judged,
                Err(InvalidEvent::NotJson { .. } | InvalidEvent::NotAnObject)
            ),
            "not JSON, but {judged:?}"
        ),
        // Whether the reader notices depends on where in the document it stands.
        Some(document) if document.has_lone_surrogate() || has_huge_number(&document) => {}
        Some(document) => check_document(&document, judged),
    }
}

fn has_huge_number(document: &Json<'_>) -> bool {
    document.any(&|value| matches!(value, Json::Number(literal) if to_f64(literal).abs() > 1e308))
}

fn check_document(document: &Json<'_>, judged: Result<&WebhookEvent, &InvalidEvent>) {
    let mut reading = Reading::default();
    let event = reading.read(document);
    match judged {
        Err(fault) => assert!(
            reading.faults.contains(fault),
            "{fault:?} is none of {:?}",
            reading.faults
        ),
        Ok(seen) => {
            assert_eq!(reading.faults, [], "accepted as {seen:?}");
            compare(&event, seen);
        }
    }
}

/// Everything that could be wrong with a document.
#[derive(Default)]
struct Reading {
    faults: Vec<InvalidEvent>,
}

/// What there is of an event. A field that the event does not have is `None`.
#[derive(Debug, Default)]
struct Event<'a> {
    name: &'a str,
    task_id: Option<&'a str>,
    url: Option<&'a str>,
    task_type: Option<&'a str>,
    status: Option<&'a str>,
    timestamp: Option<&'a str>,
    credits: Option<&'a str>,
    reason: Option<&'a str>,
    code: Option<&'a str>,
}

impl Reading {
    fn read<'a>(&mut self, document: &'a Json<'a>) -> Event<'a> {
        if !matches!(document, Json::Object(_)) {
            self.faults.push(InvalidEvent::NotAnObject);
            return Event::default();
        }
        let name = self
            .required(document, "event", "event")
            .unwrap_or_default();
        if !self.faults.is_empty() {
            return Event::default();
        }
        match name {
            "job.completed" => self.completed(document),
            "job.failed" => self.failed(document),
            name => Event {
                name,
                task_id: self
                    .lenient(document, "task_id", "task_id")
                    .and_then(Json::as_text)
                    .filter(|id| !id.is_empty()),
                ..Event::default()
            },
        }
    }

    fn completed<'a>(&mut self, document: &'a Json<'a>) -> Event<'a> {
        let data = self
            .lenient(document, "data", "data")
            .unwrap_or(&Json::Null);
        if !matches!(data, Json::Object(_) | Json::Null) {
            self.faults.push(InvalidEvent::WrongType {
                field: "data",
                expected: "an object",
            });
        }
        let credits = self.lenient(data, "credits_charged", "data.credits_charged");
        if !matches!(credits, None | Some(Json::Null | Json::Number(_))) {
            self.faults.push(InvalidEvent::WrongType {
                field: "data.credits_charged",
                expected: "a number",
            });
        }
        Event {
            name: "job.completed",
            task_id: self.required(document, "task_id", "task_id"),
            url: self.required(data, "url", "data.url"),
            task_type: self.optional(document, "task_type", "task_type"),
            status: self.optional(document, "status", "status"),
            timestamp: self.optional(document, "timestamp", "timestamp"),
            credits: credits.and_then(number),
            ..Event::default()
        }
    }

    fn failed<'a>(&mut self, document: &'a Json<'a>) -> Event<'a> {
        let data = self
            .lenient(document, "data", "data")
            .unwrap_or(&Json::Null);
        self.lenient(data, "url", "data.url");
        let mut text = |name| self.lenient(document, name, name).and_then(Json::as_text);
        let (reason, code) = explain(data, document);
        Event {
            name: "job.failed",
            task_type: text("task_type"),
            status: text("status"),
            timestamp: text("timestamp"),
            task_id: self.required(document, "task_id", "task_id"),
            credits: self
                .lenient(data, "credits_charged", "data.credits_charged")
                .and_then(number),
            reason,
            code,
            ..Event::default()
        }
    }

    fn required<'a>(
        &mut self,
        object: &'a Json<'a>,
        name: &str,
        field: &'static str,
    ) -> Option<&'a str> {
        let text = self.optional(object, name, field);
        if text.is_none_or(str::is_empty) {
            self.faults.push(InvalidEvent::MissingField { field });
        }
        text
    }

    fn optional<'a>(
        &mut self,
        object: &'a Json<'a>,
        name: &str,
        field: &'static str,
    ) -> Option<&'a str> {
        let value = self.lenient(object, name, field);
        if !matches!(value, None | Some(Json::Null | Json::String(_))) {
            self.faults.push(InvalidEvent::WrongType {
                field,
                expected: "a text",
            });
        }
        value.and_then(Json::as_text)
    }

    fn lenient<'a>(
        &mut self,
        object: &'a Json<'a>,
        name: &str,
        field: &'static str,
    ) -> Option<&'a Json<'a>> {
        let values = object.members(name);
        if values.len() > 1 {
            self.faults.push(InvalidEvent::RepeatedField { field });
        }
        values.first().copied()
    }
}

fn number<'a>(value: &'a Json<'a>) -> Option<&'a str> {
    match value {
        Json::Number(literal) => Some(literal),
        _ => None,
    }
}

/// The reason and the code of a failed job.
fn explain<'a>(data: &'a Json<'a>, document: &'a Json<'a>) -> (Option<&'a str>, Option<&'a str>) {
    let mut explanations: Vec<_> = [data, document]
        .into_iter()
        .flat_map(|level| REASONS.map(|name| explanation(level, name)))
        .collect();
    let given = explanations
        .iter()
        .position(|(reason, _)| reason.is_some())
        .map(|place| explanations.remove(place))
        .unwrap_or_default();
    let beside = [data, document]
        .into_iter()
        .flat_map(|level| ["code", "error_code"].map(|name| scalar(level, name)))
        .flatten();
    (
        given.0.or_else(|| text(data)),
        given
            .1
            .or_else(|| explanations.iter().find_map(|(_, code)| *code))
            .or_else(|| beside.into_iter().find_map(code)),
    )
}

/// The first member of this name that says something.
fn explanation<'a>(level: &'a Json<'a>, name: &str) -> (Option<&'a str>, Option<&'a str>) {
    level
        .members(name)
        .into_iter()
        .map(|value| match value {
            Json::Object(_) => {
                let reason = ["message", "reason", "error"]
                    .into_iter()
                    .find_map(|name| scalar(value, name).and_then(text));
                let kind = || scalar(value, "type").and_then(text);
                (reason, scalar(value, "code").and_then(code).or_else(kind))
            }
            _ => (text(value), None),
        })
        .find(|(reason, code)| reason.is_some() || code.is_some())
        .unwrap_or_default()
}

/// The first member of this name that is a text or a whole number.
fn scalar<'a>(level: &'a Json<'a>, name: &str) -> Option<&'a Json<'a>> {
    level
        .members(name)
        .into_iter()
        .find(|value| matches!(value, Json::String(_)) || whole(value).is_some())
}

fn text<'a>(value: &'a Json<'a>) -> Option<&'a str> {
    value.as_text().filter(|text| !text.is_empty())
}

fn code<'a>(value: &'a Json<'a>) -> Option<&'a str> {
    text(value).or_else(|| whole(value))
}

/// Minus zero is a floating-point number.
fn whole<'a>(value: &'a Json<'a>) -> Option<&'a str> {
    number(value).filter(|literal| {
        *literal != "-0" && (literal.parse::<u64>().is_ok() || literal.parse::<i64>().is_ok())
    })
}

fn compare(expected: &Event<'_>, seen: &WebhookEvent) {
    assert_eq!(seen.name(), expected.name);
    assert_eq!(seen.task_id(), expected.task_id);
    match seen {
        WebhookEvent::Completed(job) => {
            assert_eq!(Some(job.url.as_str()), expected.url);
            assert_eq!(
                job.task_type.as_ref().map(|kind| kind.as_str()),
                expected.task_type
            );
            assert_eq!(
                job.status.as_ref().map(|status| status.as_str()),
                expected.status
            );
            assert_eq!(job.timestamp.as_deref(), expected.timestamp);
            compare_credits(job.credits_charged, expected.credits);
        }
        WebhookEvent::Failed(job) => compare_failed(job, expected),
        _ => {}
    }
}

fn compare_failed(job: &JobFailed, expected: &Event<'_>) {
    assert_eq!(
        job.task_type.as_ref().map(|kind| kind.as_str()),
        expected.task_type
    );
    assert_eq!(
        job.status.as_ref().map(|status| status.as_str()),
        expected.status
    );
    assert_eq!(job.timestamp.as_deref(), expected.timestamp);
    compare_credits(job.credits_charged, expected.credits);
    assert_eq!(job.reason(), expected.reason);
    assert_eq!(job.code(), expected.code);
}

fn compare_credits(seen: Option<Credits>, literal: Option<&str>) {
    assert_eq!(seen.is_some(), literal.is_some());
    let (Some(seen), Some(literal)) = (seen, literal) else {
        return;
    };
    assert_eq!(seen.as_u64(), literal.parse().ok(), "{literal}");
    // The event's reader does not promise the nearest double.
    let (seen, nearest) = (seen.as_f64(), to_f64(literal));
    let near = (seen - nearest).abs() <= nearest.abs() * 1e-12 + f64::MIN_POSITIVE;
    assert!(near, "{seen} for {literal}");
}
