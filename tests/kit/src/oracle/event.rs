use nano_webhook_core::{Credits, WebhookEvent};

use super::json::{Json, to_f64};

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
///
/// # Panics
/// If it is not.
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
    let event = Event::of(&document, &mut faults);
    match read {
        Err(problem) => assert!(
            faults.iter().any(|fault| fault == problem),
            "{problem:?} is none of {faults:?}"
        ),
        Ok(read) => {
            assert!(faults.is_empty(), "{faults:?}, accepted as {read:?}");
            event.compare(read);
        }
    }
}

const NOT_AN_OBJECT: &str = "the body is not a JSON object";

/// What an event consists of. A field that it does not have is `None`.
#[derive(Debug, Default, PartialEq)]
struct Event {
    name: String,
    task_id: Option<String>,
    url: Option<String>,
    task_type: Option<String>,
    status: Option<String>,
    timestamp: Option<String>,
    /// As it is written.
    credits: Option<String>,
    reason: Option<String>,
    code: Option<String>,
}

impl Event {
    /// Reads a document, and notes everything that could be reported as wrong with it.
    fn of(document: &Json<'_>, faults: &mut Vec<String>) -> Self {
        if !matches!(document, Json::Object(_)) {
            faults.push(NOT_AN_OBJECT.to_owned());
            return Self::default();
        }
        let mut once = |object: &Json<'_>, name: &str, field: &str| {
            if object.members(name).len() > 1 {
                faults.push(format!("{field} is given more than once"));
            }
        };
        once(document, "event", "event");
        once(document, "task_id", "task_id");
        let name = text(document.first("event"));
        let mut event = Self {
            task_id: text(document.first("task_id")),
            name: name.clone().unwrap_or_default(),
            ..Self::default()
        };
        let mut required = vec![("event", name)];
        let is_completed = event.name == "job.completed";
        if is_completed || event.name == "job.failed" {
            for name in ["task_type", "status", "timestamp", "data"] {
                once(document, name, name);
            }
            let data = document.first("data").unwrap_or(&Json::Null);
            once(data, "url", "data.url");
            once(data, "credits_charged", "data.credits_charged");
            let optional = |name| document.first(name)?.as_text().map(str::to_owned);
            event.task_type = optional("task_type");
            event.status = optional("status");
            event.timestamp = optional("timestamp");
            event.credits = data.first("credits_charged").and_then(number);
            required.push(("task_id", event.task_id.clone()));
            if is_completed {
                event.url = text(data.first("url"));
                required.push(("data.url", event.url.clone()));
            } else {
                (event.reason, event.code) = explain(data, document);
            }
        }
        for (field, value) in required {
            if value.is_none() {
                faults.push(format!("{field} is missing, empty or unreadable"));
            }
        }
        event
    }

    fn compare(&self, read: &WebhookEvent) {
        let text = |text: &Option<String>| text.clone();
        let mut seen = Self {
            name: read.name().to_owned(),
            task_id: read.task_id().map(str::to_owned),
            credits: self.credits.clone(),
            ..Self::default()
        };
        let credits = match read {
            WebhookEvent::Completed(job) => {
                seen.url = Some(job.url.clone());
                seen.task_type = job.task_type.as_ref().map(ToString::to_string);
                seen.status = job.status.as_ref().map(ToString::to_string);
                seen.timestamp = text(&job.timestamp);
                job.credits_charged
            }
            WebhookEvent::Failed(job) => {
                seen.task_type = job.task_type.as_ref().map(ToString::to_string);
                seen.status = job.status.as_ref().map(ToString::to_string);
                seen.timestamp = text(&job.timestamp);
                seen.reason = job.reason().map(str::to_owned);
                seen.code = job.code().map(str::to_owned);
                job.credits_charged
            }
            _ => None,
        };
        assert_eq!(seen, *self);
        compare_credits(credits, self.credits.as_deref());
    }
}

fn compare_credits(seen: Option<Credits>, literal: Option<&str>) {
    assert_eq!(seen.is_some(), literal.is_some());
    let (Some(seen), Some(literal)) = (seen, literal) else {
        return;
    };
    let float = to_f64(literal);
    assert_eq!(seen.as_f64(), float, "{literal}");
    let is_whole = float.fract() == 0.0 && (0.0..18_446_744_073_709_551_616.0).contains(&float);
    // Very long numbers are rounded before it is known that they are whole.
    match whole(literal) {
        Some(exact) if literal.len() <= 38 => assert_eq!(seen.as_u64(), exact.parse().ok()),
        _ => assert_eq!(seen.as_u64(), is_whole.then_some(float as u64), "{literal}"),
    }
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
        if literal
            .trim_start_matches('-')
            .bytes()
            .all(|byte| byte.is_ascii_digit())
        {
            return Some((*literal).to_owned());
        }
        let float = to_f64(literal);
        let rounded = (float.fract() == 0.0
            && (0.0..18_446_744_073_709_551_616.0).contains(&float))
        .then(|| (float as u64).to_string());
        match whole(literal) {
            Some(exact) if literal.len() <= 38 => exact.parse::<u64>().ok().map(|_| exact),
            _ => rounded,
        }
    })
}

/// A number within the range of a double.
fn number(value: &Json<'_>) -> Option<String> {
    match value {
        Json::Number(literal) if to_f64(literal).is_finite() => Some((*literal).to_owned()),
        _ => None,
    }
}

/// The digits of a whole number, in whichever form it is written.
fn whole(literal: &str) -> Option<String> {
    let (mantissa, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
    let (units, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut digits = format!("{units}{fraction}");
    let shift = exponent.parse::<i64>().ok()? - fraction.len() as i64;
    if shift.unsigned_abs() > 400 {
        return None;
    }
    for _ in 0..shift.unsigned_abs() {
        match shift {
            1.. => digits.push('0'),
            _ if digits.pop() != Some('0') => return None,
            _ => {}
        }
    }
    match digits.trim_start_matches('0') {
        "" => Some("0".to_owned()),
        digits => Some(digits.to_owned()),
    }
}
