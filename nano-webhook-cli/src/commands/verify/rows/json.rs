//! JSON inside other JSON, inside other text, cut off, or printed as an object.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// Every string in a JSON document, and every object and array as it is written.
pub(super) fn json_parts(text: &[u8]) -> Vec<Vec<u8>> {
    let mut strings = strings(text);
    strings.retain(|text| text.len() > 8);
    let mut parts = Vec::new();
    collect(text, &mut |value| {
        if value.starts_with(b"{") || value.starts_with(b"[") {
            parts.push(value.to_vec());
        }
    });
    strings.append(&mut parts);
    strings
}

/// Every string in a JSON document.
pub(super) fn strings(text: &[u8]) -> Vec<Vec<u8>> {
    let mut strings = Vec::new();
    collect(text, &mut |value| {
        if let Ok(text) = serde_json::from_slice::<String>(value) {
            strings.push(text.into_bytes());
        }
    });
    strings
}

/// Each level is parsed again, so that a hostile body must not have many.
const DEEPEST: usize = 16;

/// Gives each value inside an object or array.
fn collect(text: &[u8], found: &mut impl FnMut(&[u8])) {
    let members = |text: &[u8]| -> Option<Vec<Box<RawValue>>> {
        match text.trim_ascii_start().first()? {
            b'{' => {
                let object: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(text).ok()?;
                Some(object.into_values().collect())
            }
            b'[' => serde_json::from_slice(text).ok(),
            _ => None,
        }
    };
    let mut waiting = vec![(0, members(text).unwrap_or_default())];
    while let Some((depth, values)) = waiting.pop() {
        for value in values {
            let value = value.get().as_bytes();
            found(value);
            if depth < DEEPEST {
                waiting.push((depth + 1, members(value).unwrap_or_default()));
            }
        }
    }
}

/// The text of a JSON string.
pub(super) fn json_string(text: &[u8]) -> Vec<Vec<u8>> {
    let text = serde_json::from_slice::<String>(text);
    text.map(String::into_bytes).into_iter().collect()
}

/// From each `{` or `[` to each `}` or `]`, of the outermost ones.
pub(super) fn json_within(text: &[u8]) -> Vec<Vec<u8>> {
    const FEW: usize = 6;
    let opens = text
        .iter()
        .enumerate()
        .filter(|(_, byte)| b"{[".contains(byte));
    let starts: Vec<_> = opens.map(|(start, _)| start).take(FEW).collect();
    let mut candidates = Vec::new();
    for start in starts {
        let Some(rest) = text.get(start..) else {
            continue;
        };
        // The document that starts here, whatever follows it.
        let mut documents = serde_json::Deserializer::from_slice(rest).into_iter::<&RawValue>();
        if let Some(Ok(document)) = documents.next() {
            candidates.push(document.get().as_bytes().to_vec());
        }
        let closes = rest
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, byte)| b"}]".contains(byte));
        for (end, _) in closes.take(FEW) {
            candidates.extend(rest.get(..=end).map(<[u8]>::to_vec));
        }
    }
    candidates
}

/// With the quotes and brackets at the end that a cut has left open.
pub(super) fn completed(text: &[u8]) -> Vec<Vec<u8>> {
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
    if open.is_empty() && !in_string {
        return Vec::new();
    }
    let quote: &[u8] = if in_string { b"\"" } else { b"" };
    open.reverse();
    vec![
        [text, quote, &open].concat(),
        [text, quote, &open, b"\n"].concat(),
    ]
}

/// `{'event': 'job.completed', 'error': None}` and `{"event"=>"job.completed"}`.
pub(super) fn from_repr(text: &[u8]) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(text) else {
        return Vec::new();
    };
    let text = text.trim();
    let text = text
        .strip_prefix("b")
        .filter(|rest| rest.starts_with(['\'', '"']))
        .unwrap_or(text);
    let python = text
        .replace('\'', "\"")
        .replace(": None", ": null")
        .replace(": True", ": true")
        .replace(": False", ": false");
    let ruby = text
        .replace("=>nil", ":null")
        .replace("\" => ", "\":")
        .replace("=>", ":");
    [python, ruby]
        .into_iter()
        .filter(|other| other != text)
        .map(String::into_bytes)
        .collect()
}
