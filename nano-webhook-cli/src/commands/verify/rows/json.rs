//! JSON inside other JSON, inside other text, or cut off.

use std::collections::BTreeMap;
use std::iter::successors;

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::Out;

/// Each level is parsed again, so that a hostile body must not have many.
pub(super) const DEEPEST: usize = 16;

/// The members of an object, in alphabetical order, or the items of an array, each as
/// it is written.
pub(super) fn members(json: &str) -> Option<Vec<(String, &RawValue)>> {
    match json.trim_ascii_start().as_bytes().first()? {
        b'{' => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(json).ok()?;
            Some(members.into_iter().collect())
        }
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
            let items = items.into_iter();
            Some(items.map(|item| (String::new(), item)).collect())
        }
        _ => None,
    }
}

/// Every string in a JSON document, and every object and array as it is written.
pub(super) fn json_parts(text: &str, out: &mut Out) {
    strings(text, out);
    out.0.retain(|text| text.len() > 8);
    let parts = parts(text).into_iter();
    out.all(parts.filter(|part| part.starts_with(['{', '['])));
}

/// Every string in a JSON document.
pub(super) fn strings(text: &str, out: &mut Out) {
    let strings = parts(text).into_iter();
    out.all(strings.filter_map(|part| serde_json::from_str::<String>(part).ok()));
}

/// Each value inside an object or array.
fn parts(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut level = vec![text];
    for _ in 0..=DEEPEST {
        let inside = level.into_iter().filter_map(members).flatten();
        level = inside.map(|(_, value)| value.get()).collect();
        found.extend(&level);
    }
    found
}

/// From each `{` or `[` to each `}` or `]`, of the outermost ones.
pub(super) fn json_within(text: &[u8], out: &mut Out) {
    const FEW: usize = 6;
    // What stands around it need not be UTF-8.
    let text = String::from_utf8_lossy(text);
    for (start, _) in text.match_indices(['{', '[']).take(FEW) {
        // The document that starts here, whatever follows it.
        let rest = text.get(start..).unwrap_or_default();
        let mut documents = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        let document = documents.next().and_then(Result::ok);
        out.all(document.map(RawValue::get));
        for (end, _) in text.rmatch_indices(['}', ']']).take(FEW) {
            out.all(text.get(start..=end));
        }
    }
}

/// With the quotes and brackets at the end that a cut has left open.
pub(super) fn completed(text: &str, out: &mut Out) {
    let read = |text: &str| serde_json::from_str::<IgnoredAny>(text);
    // With what ends the innermost value.
    let closed = |text: &String| {
        let ends = ['"', '}', ']'].iter();
        let mut closed = ends.map(|end| format!("{text}{end}"));
        closed.find(|text| read(text).map_or_else(|error| error.is_eof(), |_| true))
    };
    let mut closed = successors(closed(&text.to_owned()), closed).take(DEEPEST);
    if let Some(whole) = closed.find(|text| read(text).is_ok()) {
        out.all([format!("{whole}\n"), whole]);
    }
}
