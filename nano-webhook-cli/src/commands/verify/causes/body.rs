use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};
use nano_webhook_core::reserialize;

use super::super::json_text::{Escape, JsonText};
use super::{Cause, base64};

/// From the body that was given to those that may have been signed.
type Candidates = fn(&[u8]) -> Vec<Vec<u8>>;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub(in super::super) const BODIES: &[Cause<Candidates>] = &[
    Cause {
        code: "body_newline_added",
        clause: "the body has a newline at its end that was not signed; curl -d and editors change bodies, --data-binary does not",
        candidates: |body| {
            let Some(line) = body.strip_suffix(b"\n") else {
                return Vec::new();
            };
            let bare = line.strip_suffix(b"\r").unwrap_or(line);
            vec![bare.to_vec(), line.to_vec()]
        },
    },
    Cause {
        code: "body_newline_removed",
        clause: "the body was signed with a newline at its end that it does not have any more",
        candidates: |body| vec![[body, b"\n"].concat(), [body, b"\r\n"].concat()],
    },
    Cause {
        code: "body_surrounding_white_space",
        clause: "the body has white space before or after it that was not signed",
        candidates: |body| vec![body.trim_ascii().to_vec()],
    },
    Cause {
        code: "body_byte_order_mark",
        clause: "the body was given with a byte order mark that was not signed, or has lost one that was",
        candidates: |body| match body.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) => vec![rest.to_vec()],
            None => vec![[BYTE_ORDER_MARK, body].concat()],
        },
    },
    Cause {
        code: "body_line_endings",
        clause: "the line endings of the body were changed, between LF and CRLF, after it was signed",
        candidates: |body| {
            let unix = replaced(body, b"\r\n", b"\n");
            let windows = replaced(&unix, b"\n", b"\r\n");
            vec![unix, windows]
        },
    },
    Cause {
        code: "body_white_space",
        clause: "the body was re-serialised: white space was added to it or taken from it after it was signed; verify the raw bytes, before any JSON parser",
        candidates: |body| {
            json(body, |json| {
                vec![
                    json.compact(),
                    json.spaced(),
                    json.indented("  "),
                    json.indented("    "),
                    json.indented("\t"),
                ]
            })
        },
    },
    Cause {
        code: "body_unicode_escapes",
        clause: "the body was re-serialised: characters became escapes (\\u00e9, \\/) or escapes became characters after it was signed; verify the raw bytes, before any JSON parser",
        candidates: |body| {
            json(body, |json| {
                vec![
                    json.unescaped(),
                    json.escaped(Escape::Unicode),
                    json.escaped(Escape::UnicodeUpper),
                    json.escaped(Escape::Slash),
                    json.escaped(Escape::Html),
                    both(json, Escape::Unicode, Escape::Slash),
                ]
            })
        },
    },
    Cause {
        code: "body_reserialized",
        clause: "the body was parsed and printed again after it was signed, so that its bytes are others; verify the raw bytes, before any JSON parser",
        candidates: |body| {
            let mut candidates = json(body, |json| printed_otherwise(&json.compact()));
            // Also numbers in another notation, and members given twice.
            candidates.extend(reserialize(body, usize::MAX));
            candidates
        },
    },
    Cause {
        code: "body_member_order",
        clause: "the body was re-serialised: its members stand in another order than when it was signed; verify the raw bytes, before any JSON parser",
        candidates: |body| {
            json(body, |json| {
                json.in_documented_order()
                    .into_iter()
                    .chain(json.sorted())
                    .flat_map(|text| printed_otherwise(&text).into_iter().chain([text]))
                    .collect()
            })
        },
    },
    Cause {
        code: "body_encoding",
        clause: "the body was signed in another character encoding than it was given in (UTF-8, Latin-1 or UTF-16)",
        candidates: encodings,
    },
    Cause {
        code: "body_json_string",
        clause: "the body was given as a JSON string that holds the body that was signed, as an API gateway passes it on; decode that string",
        candidates: |body| match serde_json::from_slice::<String>(body) {
            Ok(text) => vec![text.into_bytes()],
            Err(_) => Vec::new(),
        },
    },
    Cause {
        code: "body_base64",
        clause: "the body was given in base64, as an API gateway passes it on (isBase64Encoded); decode it",
        candidates: |body| base64::decode(body.trim_ascii()).into_iter().collect(),
    },
    Cause {
        code: "body_quoted",
        clause: "the body was given with quotes around it that were not signed; a shell did not take them off",
        candidates: |body| {
            let body = body.trim_ascii();
            [b"'", b"\""]
                .into_iter()
                .filter_map(|quote| body.strip_prefix(quote)?.strip_suffix(quote))
                .map(<[u8]>::to_vec)
                .collect()
        },
    },
    Cause {
        code: "body_empty_at_sender",
        clause: "the sender signed an empty body; it signs before the body is there, or after something has read it",
        candidates: |_| vec![Vec::new()],
    },
];

fn json(body: &[u8], candidates: impl Fn(JsonText<'_>) -> Vec<String>) -> Vec<Vec<u8>> {
    let Some(json) = std::str::from_utf8(body).ok().and_then(JsonText::new) else {
        return Vec::new();
    };
    candidates(json)
        .into_iter()
        .map(String::into_bytes)
        .collect()
}

/// A compact text as the default settings of well-known languages print it, as
/// far as one row above does not do that.
fn printed_otherwise(compact: &str) -> Vec<String> {
    let Some(json) = JsonText::new(compact) else {
        return Vec::new();
    };
    let literal = json.unescaped();
    let escaped = json.escaped(Escape::Unicode);
    let in_style = |text: &str, print: fn(JsonText<'_>) -> String| JsonText::new(text).map(print);
    [
        Some(literal.clone()),
        in_style(&literal, |json| json.spaced()),
        in_style(&literal, |json| json.indented("  ")),
        // Python: json.dumps, without and with indent.
        in_style(&escaped, |json| json.spaced()),
        in_style(&escaped, |json| json.indented("  ")),
        in_style(&escaped, |json| json.indented("    ")),
        // PHP: json_encode, without and with JSON_PRETTY_PRINT.
        Some(both(json, Escape::Unicode, Escape::Slash)),
        in_style(&both(json, Escape::Unicode, Escape::Slash), |json| {
            json.indented("    ")
        }),
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

fn encodings(body: &[u8]) -> Vec<Vec<u8>> {
    let mut candidates = Vec::new();
    match std::str::from_utf8(body) {
        Ok(text) if !body.is_ascii() => {
            // Signed in Latin-1, or in UTF-8 before somebody took that for Latin-1.
            candidates.extend(latin1(text));
            let (bytes, _, lossy) = WINDOWS_1252.encode(text);
            candidates.extend((!lossy).then(|| bytes.into_owned()));
        }
        Ok(_) => {}
        Err(_) => {
            candidates.push(
                body.iter()
                    .map(|byte| char::from(*byte))
                    .collect::<String>()
                    .into_bytes(),
            );
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(body);
            candidates.push(text.into_owned().into_bytes());
        }
    }
    for (encoding, mark) in [(UTF_16LE, b"\xff\xfe"), (UTF_16BE, b"\xfe\xff")] {
        let rest = body.strip_prefix(mark).unwrap_or(body);
        if rest.len().is_multiple_of(2)
            && rest.contains(&0)
            && let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(rest)
        {
            // PowerShell writes a line ending behind it.
            candidates.push(text.trim_end_matches(['\r', '\n']).as_bytes().to_vec());
            candidates.push(text.into_owned().into_bytes());
        }
    }
    candidates
}

fn latin1(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .map(|character| u8::try_from(u32::from(character)).ok())
        .collect()
}

fn replaced(body: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(position) = rest.windows(from.len()).position(|window| window == from) {
        let (before, after) = rest.split_at(position);
        out.extend_from_slice(before);
        out.extend_from_slice(to);
        rest = after.get(from.len()..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}
