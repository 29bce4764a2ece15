//! JSON inside other JSON, inside other text, cut off, or printed as an object.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::Out;

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
pub(super) fn json_parts(text: &[u8], out: &mut Out) {
    strings(text, out);
    out.0.retain(|text| text.len() > 8);
    let parts = parts(text).into_iter();
    out.all(parts.filter(|part| part.starts_with(['{', '['])));
}

/// Every string in a JSON document.
pub(super) fn strings(text: &[u8], out: &mut Out) {
    let strings = parts(text).into_iter();
    out.all(strings.filter_map(|part| serde_json::from_str::<String>(part).ok()));
}

/// Each value inside an object or array.
fn parts(text: &[u8]) -> Vec<&str> {
    let mut parts = Vec::new();
    collect(str::from_utf8(text).unwrap_or_default(), 0, &mut parts);
    parts
}

fn collect<'a>(json: &'a str, depth: usize, found: &mut Vec<&'a str>) {
    /// Each level is parsed again, so that a hostile body must not have many.
    const DEEPEST: usize = 16;
    if depth <= DEEPEST {
        let values: Vec<_> = members(json).into_iter().flatten().collect();
        found.extend(values.iter().map(|(_, value)| value.get()));
        for (_, value) in values.iter().rev() {
            collect(value.get(), depth.saturating_add(1), found);
        }
    }
}

/// The text of a JSON string.
pub(super) fn json_string(text: &[u8], out: &mut Out) {
    out.all(serde_json::from_slice::<String>(text).ok());
}

/// From each `{` or `[` to each `}` or `]`, of the outermost ones.
pub(super) fn json_within(text: &[u8], out: &mut Out) {
    const FEW: usize = 6;
    let positions = |marks: &'static [u8]| {
        let found = (text.iter().enumerate()).filter(move |(_, byte)| marks.contains(byte));
        found.map(|(position, _)| position)
    };
    for start in positions(b"{[").take(FEW) {
        // The document that starts here, whatever follows it.
        let rest = text.get(start..).unwrap_or_default();
        let mut documents = serde_json::Deserializer::from_slice(rest).into_iter::<&RawValue>();
        let document = documents.next().and_then(Result::ok);
        out.all(document.map(|document| document.get()));
        for end in positions(b"}]").rev().take(FEW) {
            out.all(text.get(start..=end));
        }
    }
}

/// With the quotes and brackets at the end that a cut has left open.
pub(super) fn completed(text: &[u8], out: &mut Out) {
    let mut open = Vec::new();
    let (mut in_string, mut is_escaped) = (false, false);
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' => drop(open.pop()),
            _ => {}
        }
    }
    if !open.is_empty() || in_string {
        let quote: &[u8] = if in_string { b"\"" } else { b"" };
        open.reverse();
        let whole = [text, quote, &open].concat();
        out.all([[whole.as_slice(), b"\n"].concat(), whole]);
    }
}

/// `{'event': 'job.completed', 'error': None}` and `{"event"=>"job.completed"}`.
pub(super) fn from_repr(text: &[u8], out: &mut Out) {
    let text = str::from_utf8(text).unwrap_or_default().trim();
    #[rustfmt::skip]
    let python = [("'", "\""), (": None", ": null"), (": True", ": true"), (": False", ": false")];
    let ruby = [("=>nil", ":null"), ("\" => ", "\":"), ("=>", ":")];
    for changes in [&python[..], &ruby] {
        let change = |text: String, (from, to): &(&str, &str)| text.replace(from, to);
        out.add(changes.iter().fold(text.to_owned(), change));
    }
}
