use std::slice;

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

/// From an object of names and values, a list of pairs, a list of objects with `name` and
/// `value`, or names and values in turn, as Node's `rawHeaders`.
fn header_list(value: &Value) -> Result<HeaderList, Failure> {
    let pairs: Vec<(&str, &Value)> = match value {
        Value::Object(members) => (members.iter())
            .map(|(name, value)| (name.as_str(), value))
            .collect(),
        Value::Array(items) if items.first().is_some_and(Value::is_string) => {
            let pairs = items.chunks_exact(2);
            let pairs = pairs.filter_map(|pair| Some((pair.first()?.as_str()?, pair.get(1)?)));
            pairs.collect()
        }
        Value::Array(items) => items.iter().filter_map(pair).collect(),
        _ => Vec::new(),
    };
    let mut headers = HeaderList::new();
    for (name, value) in pairs {
        // A header can have several values.
        let values = value
            .as_array()
            .map_or(slice::from_ref(value), Vec::as_slice);
        for value in values {
            let text = match value {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            };
            let value = text.as_deref().and_then(latin1_bytes).ok_or_else(|| {
                let problem = format!("--headers: the value of {name} is not a Latin-1 text");
                Failure::usage(problem)
            })?;
            headers.push((name.to_owned(), value));
        }
    }
    Ok(headers)
}

fn pair(item: &Value) -> Option<(&str, &Value)> {
    let field = |keys: [&str; 3]| keys.iter().find_map(|key| item.get(key));
    let name = item.get(0).or_else(|| field(["name", "key", "Name"]))?;
    let value = item
        .get(1)
        .or_else(|| field(["value", "Value", "values"]))?;
    Some((name.as_str()?, value))
}
