//! Escapes of HTML, URLs, JSON and shells, written.

use super::escapes::each_and_all;

pub(super) fn percent_encoded(text: &[u8]) -> Vec<Vec<u8>> {
    // As encodeURIComponent, RFC 3986, encodeURI, and a form.
    let mut candidates = Vec::new();
    for (kept, space) in [
        ("-_.!~*'()", "%20"),
        ("-_.~", "%20"),
        ("-_.~/", "%20"),
        ("-_.!~*'();/?:@&=+$,#", "%20"),
        ("-_.*", "+"),
    ] {
        for digits in ["0123456789ABCDEF", "0123456789abcdef"] {
            candidates.extend(encoded(text, |byte, out| {
                let digit = |nibble: u8| digits.as_bytes().get(usize::from(nibble)).copied();
                match byte {
                    b' ' => out.extend_from_slice(space.as_bytes()),
                    _ if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) => {
                        out.push(byte);
                    }
                    _ => out.extend(
                        [Some(b'%'), digit(byte >> 4), digit(byte & 15)]
                            .iter()
                            .flatten(),
                    ),
                }
            }));
        }
    }
    candidates
}

/// As JSON, as PHP's JSON, and as a shell or a regular expression.
pub(super) fn escaped(text: &[u8]) -> Vec<Vec<u8>> {
    let json = |byte: u8, out: &mut Vec<u8>| match byte {
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        b'"' | b'\\' => out.extend([b'\\', byte]),
        _ => out.push(byte),
    };
    let before = |escapes: fn(u8) -> bool| {
        encoded(text, move |byte, out| {
            if escapes(byte) {
                out.push(b'\\');
            }
            out.push(byte);
        })
    };
    let ascii = std::str::from_utf8(text)
        .ok()
        .and_then(crate::commands::verify::json_text::ascii_string);
    [
        ascii.into_iter().collect(),
        encoded(text, json),
        encoded(text, |byte, out| match byte {
            b'/' => out.extend_from_slice(b"\\/"),
            _ => json(byte, out),
        }),
        before(|byte| byte.is_ascii_punctuation() || byte == b' '),
        before(|byte| byte.is_ascii_punctuation() && !b"-_./,:@=+%^".contains(&byte)),
        before(|byte| b"\\^$.|?*+()[]{}".contains(&byte)),
        before(|byte| b"$\"`\\".contains(&byte)),
        before(|byte| byte == b'\''),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(super) fn doubled(text: &[u8]) -> Vec<Vec<u8>> {
    each_and_all(|escapes| {
        encoded(text, |byte, out| {
            out.push(byte);
            if escapes.contains(&byte) {
                out.push(byte);
            }
        })
    })
}

pub(super) fn encoded(text: &[u8], write: impl Fn(u8, &mut Vec<u8>)) -> Vec<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        write(*byte, &mut out);
    }
    (out != text).then_some(out).into_iter().collect()
}
