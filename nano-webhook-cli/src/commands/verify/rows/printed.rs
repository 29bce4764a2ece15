//! JSON as the programs print it that parse a body and write it again.

use nano_webhook_core::reserialize;

use super::super::json_text::{Escape, JsonText};

pub(super) fn white_space(body: &[u8]) -> Vec<Vec<u8>> {
    json(body, |json| {
        let indented = ["  ", "    ", "\t", " ", "   "].map(|unit| json.indented(unit));
        [json.compact(), json.spaced()]
            .into_iter()
            .chain(indented)
            .collect()
    })
}

pub(super) fn unicode_escapes(body: &[u8]) -> Vec<Vec<u8>> {
    json(body, |json| {
        let escapes = [
            Escape::Unicode,
            Escape::UnicodeUpper,
            Escape::Slash,
            Escape::Html,
        ];
        let escaped = escapes.map(|escape| json.escaped(escape));
        let both = both(json, Escape::Unicode, Escape::Slash);
        [json.unescaped(), both]
            .into_iter()
            .chain(escaped)
            .collect()
    })
}

/// Also numbers in another notation, and members given twice.
pub(super) fn reserialized(body: &[u8]) -> Vec<Vec<u8>> {
    let mut candidates = json(body, |json| {
        let mut texts = in_other_languages(&json.compact());
        let literal = json.unescaped();
        let numbers = [JsonText::with_fractions, JsonText::without_fractions];
        let changed = numbers
            .iter()
            .flat_map(|change| [Some(json), JsonText::new(&literal)].map(|json| json.map(change)));
        for text in changed.flatten() {
            texts.extend(JsonText::new(&text).map(JsonText::compact));
            texts.extend(JsonText::new(&text).map(JsonText::spaced));
            texts.push(text);
        }
        texts
    });
    candidates.extend(reserialize(body, usize::MAX));
    candidates
}

pub(super) fn member_order(body: &[u8]) -> Vec<Vec<u8>> {
    json(body, |json| {
        let orders = json.in_documented_order().into_iter().chain(json.sorted());
        orders
            .flat_map(|text| in_other_languages(&text).into_iter().chain([text]))
            .collect()
    })
}

fn json(body: &[u8], candidates: impl Fn(JsonText<'_>) -> Vec<String>) -> Vec<Vec<u8>> {
    let text = std::str::from_utf8(body).ok().and_then(JsonText::new);
    let candidates = text.map(candidates).unwrap_or_default();
    candidates.into_iter().map(String::into_bytes).collect()
}

/// A compact text as the default settings of common languages print it, unless
/// another row does that.
fn in_other_languages(compact: &str) -> Vec<String> {
    let Some(json) = JsonText::new(compact) else {
        return Vec::new();
    };
    let literal = json.unescaped();
    let escaped = json.escaped(Escape::Unicode);
    let php = both(json, Escape::Unicode, Escape::Slash);
    let in_style = |text: &str, print: fn(JsonText<'_>) -> String| JsonText::new(text).map(print);
    [
        Some(literal.clone()),
        in_style(&literal, |json| json.spaced()),
        in_style(&literal, |json| json.indented("  ")),
        in_style(&literal, |json| json.indented("    ")),
        // Python: json.dumps, without and with indent.
        in_style(&escaped, |json| json.spaced()),
        in_style(&escaped, |json| json.indented("  ")),
        in_style(&escaped, |json| json.indented("    ")),
        // PHP: json_encode, without and with JSON_PRETTY_PRINT.
        in_style(&php, |json| json.indented("    ")),
        Some(php),
        // Go: json.Marshal.
        in_style(&literal, |json| json.escaped(Escape::Html)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn both(json: JsonText<'_>, first: Escape, second: Escape) -> String {
    let once = json.escaped(first);
    JsonText::new(&once).map_or_else(|| once.clone(), |json| json.escaped(second))
}
