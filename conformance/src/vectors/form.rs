use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Expectation, HeaderValue, Vector};

/// What the types cannot say of a vector.
pub(super) fn check(vector: &Vector) -> Result<(), String> {
    if !matches!(vector.transport.as_deref(), None | Some("direct")) {
        return Err(format!("unknown transport {:?}", vector.transport));
    }
    if vector.secrets.is_empty() || vector.secrets.iter().any(String::is_empty) {
        return Err("a receiver has a secret, and it is not empty".to_owned());
    }
    base64("body", &vector.body)?;
    for (name, value) in &vector.headers {
        match value {
            HeaderValue::Text(text) if text.bytes().all(|byte| (0x20..=0x7e).contains(&byte)) => {}
            HeaderValue::Text(_) => return Err(format!("{name} has bytes beyond visible ASCII")),
            HeaderValue::Bytes { base64: text } => base64(name, text)?,
        }
    }
    match vector.expect.code {
        None => accepted(vector),
        Some(_) => refused(&vector.expect),
    }
}

fn accepted(vector: &Vector) -> Result<(), String> {
    let expect = &vector.expect;
    let (200, Some(event), Some(secret), Some(_)) = (
        expect.status,
        &expect.event,
        expect.secret,
        expect.signed_at_ms,
    ) else {
        return Err("neither a refusal nor all of an accepted delivery".to_owned());
    };
    if secret >= vector.secrets.len() {
        return Err(format!("there is no secret {secret}"));
    }
    if let Some(body) = &expect.signed_body {
        base64("signed_body", body)?;
        if *body == vector.body {
            return Err("signed_body is the body".to_owned());
        }
    }
    event_form(event)
}

fn refused(expect: &Expectation) -> Result<(), String> {
    let none = expect.event.is_none()
        && expect.secret.is_none()
        && expect.signed_at_ms.is_none()
        && expect.signed_body.is_none();
    match (none, expect.status) {
        (true, 400..600) => Ok(()),
        _ => Err("a refusal with parts of an accepted delivery".to_owned()),
    }
}

/// Each field of its type, and no other.
fn event_form(event: &Value) -> Result<(), String> {
    const TEXT: &str = "text";
    const TEXT_OR_NULL: &str = "text or null";
    const NUMBER_OR_NULL: &str = "number or null";
    let fields: &[(&str, &str)] = match event["type"].as_str() {
        Some("completed") => &[
            ("task_id", TEXT),
            ("url", TEXT),
            ("task_type", TEXT_OR_NULL),
            ("status", TEXT_OR_NULL),
            ("timestamp", TEXT_OR_NULL),
            ("credits_charged", NUMBER_OR_NULL),
        ],
        Some("failed") => &[
            ("task_id", TEXT),
            ("task_type", TEXT_OR_NULL),
            ("status", TEXT_OR_NULL),
            ("reason", TEXT_OR_NULL),
            ("code", TEXT_OR_NULL),
            ("timestamp", TEXT_OR_NULL),
            ("credits_charged", NUMBER_OR_NULL),
        ],
        Some("unknown") => &[("event", TEXT), ("task_id", TEXT_OR_NULL)],
        _ => return Err(format!("what is the event {event}?")),
    };
    let found = event.as_object().map_or(0, |object| object.len());
    if found != fields.len() + 1 {
        return Err(format!("{event} has fields too many or too few"));
    }
    for (name, form) in fields {
        let fits = match event.get(name) {
            Some(Value::String(_)) => *form != NUMBER_OR_NULL,
            Some(Value::Number(_)) => *form == NUMBER_OR_NULL,
            Some(Value::Null) => *form != TEXT,
            _ => false,
        };
        if !fits {
            return Err(format!("{name} is not a {form} in {event}"));
        }
    }
    Ok(())
}

fn base64(what: &str, text: &str) -> Result<(), String> {
    match STANDARD.decode(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("{what} is not Base64: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fine() -> Value {
        json!({
            "name": "x",
            "secrets": ["s"],
            "now_ms": 0,
            "headers": [["a", "b"], ["c", {"base64": "/w=="}]],
            "body": "e30=",
            "expect": {
                "status": 200,
                "event": {"type": "unknown", "event": "x", "task_id": null},
                "secret": 0,
                "signed_at_ms": 0,
            },
        })
    }

    fn judge(vector: Value) -> Result<(), String> {
        let vector = serde_json::from_value(vector).map_err(|error| error.to_string())?;
        check(&vector)
    }

    #[test]
    fn each_thing_that_can_be_wrong_with_one() {
        assert_eq!(judge(fine()), Ok(()));
        for (pointer, value) in [
            ("", json!({})),
            ("/transport", json!("pigeon")),
            ("/secrets", json!([])),
            ("/secrets/0", json!("")),
            ("/now_ms", json!(-1)),
            ("/headers/0/1", json!("é")),
            ("/headers/0/1", json!({"base64": "?"})),
            ("/headers/0/1", json!({"base65": ""})),
            ("/body", json!("e30")),
            ("/options", json!({"tolerance": 1})),
            ("/else", json!(1)),
            ("/expect/else", json!(1)),
            ("/expect/status", json!(201)),
            ("/expect/code", json!("x")),
            ("/expect/secret", json!(1)),
            ("/expect/secret", json!(null)),
            ("/expect/signed_body", json!("e30=")),
            ("/expect/event/type", json!("x")),
            ("/expect/event/task_id", json!(1)),
            ("/expect/event/else", json!(1)),
        ] {
            let mut vector = fine();
            match pointer.rsplit_once('/') {
                Some((parent, name)) if vector.pointer(pointer).is_none() => {
                    vector.pointer_mut(parent).unwrap()[name] = value;
                }
                _ => *vector.pointer_mut(pointer).unwrap() = value,
            }
            assert!(judge(vector.clone()).is_err(), "{pointer}: {vector}");
        }
    }
}
