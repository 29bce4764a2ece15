use nano_webhook_core::UnixTime;
use serde_json::Value;

use super::super::{FromFile, HeaderList, latin1_bytes};
use super::most_likely;
use crate::exit::Failure;

pub(super) fn parse_json(content: &[u8]) -> Result<FromFile, Failure> {
    let python = || String::from_utf8_lossy(content).replace('\'', "\"");
    let value: Value = serde_json::from_slice(content)
        .or_else(|_| serde_json::from_str(&python()))
        .map_err(|_| Failure::usage("--headers: the file is neither lines of headers nor JSON"))?;
    let mut found = Vec::new();
    collect(&value, &mut found);
    if found.is_empty() {
        found.push(&value);
    }
    let lists: Result<_, _> = found.into_iter().map(header_list).collect();
    let received_at = value.get("received_at_ms").and_then(Value::as_u64);
    Ok(FromFile {
        headers: most_likely(lists?),
        received_at: received_at.map(UnixTime::from_millis),
    })
}

/// Every member with a name such as `headers`.
fn collect<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    const NAMES: &[&str] = &[
        "headers",
        "multivalueheaders",
        "rawheaders",
        "requestheaders",
        "request_headers",
    ];
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match NAMES.contains(&name.to_ascii_lowercase().as_str())
                    && (value.is_object() || value.is_array())
                {
                    true => found.push(value),
                    false => collect(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

/// From an object of names and values, a list of pairs, or a list of objects with
/// `name` and `value`.
fn header_list(value: &Value) -> Result<HeaderList, Failure> {
    let mut headers = HeaderList::new();
    let mut push = |name: &str, value: &Value| {
        let text = match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let value = text.as_deref().and_then(latin1_bytes).ok_or_else(|| {
            Failure::usage(format!(
                "--headers: the value of {name} is not a Latin-1 text"
            ))
        })?;
        headers.push((name.to_owned(), value));
        Ok(())
    };
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    // A header with several values.
                    Value::Array(values) => {
                        values.iter().try_for_each(|value| push(name, value))?
                    }
                    value => push(name, value)?,
                }
            }
        }
        Value::Array(items) => {
            let field =
                |item: &Value, keys: [&str; 3]| keys.iter().find_map(|key| item.get(key)).cloned();
            let mut flat = None;
            for item in items {
                let pair = match item {
                    Value::Array(pair) => pair.first().cloned().zip(pair.get(1).cloned()),
                    // As Node's rawHeaders: names and values in turn.
                    Value::String(_) => match flat.take() {
                        Some(name) => Some((name, item.clone())),
                        None => {
                            flat = Some(item.clone());
                            continue;
                        }
                    },
                    _ => field(item, ["name", "key", "Name"])
                        .zip(field(item, ["value", "Value", "values"])),
                };
                if let Some((Value::String(name), value)) = pair {
                    push(&name, &value)?;
                }
            }
        }
        _ => {}
    }
    Ok(headers)
}
