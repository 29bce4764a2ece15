//! What stands before and after a secret or a body.

pub(super) fn text(secret: &[u8], change: impl Fn(&str) -> Vec<String>) -> Vec<Vec<u8>> {
    let candidates = std::str::from_utf8(secret).map(change).unwrap_or_default();
    candidates.into_iter().map(String::into_bytes).collect()
}

pub(super) fn without_newline(text: &[u8]) -> Vec<Vec<u8>> {
    let end = text.iter().rposition(|byte| !b"\r\n".contains(byte));
    let bare = text.get(..end.map_or(0, |end| end.saturating_add(1)));
    let one = text.strip_suffix(b"\n");
    let both = one.and_then(|line| line.strip_suffix(b"\r"));
    let lines = [bare, both, one].into_iter().flatten();
    lines.map(<[u8]>::to_vec).collect()
}

pub(super) fn with_and_without(secret: &[u8], prefixes: &[&str], suffix: &str) -> Vec<Vec<u8>> {
    let without = |prefix: &&str| secret.strip_prefix(prefix.as_bytes()).map(<[u8]>::to_vec);
    let with = |prefix: &&str| [prefix.as_bytes(), secret, suffix.as_bytes()].concat();
    let removed = prefixes.iter().filter_map(without);
    removed.chain(prefixes.iter().map(with)).collect()
}

#[rustfmt::skip]
const PAIRS: &[(&str, &str)] = &[
    ("\"", "\""), ("'", "'"), ("`", "`"), ("“", "”"), ("„", "“"), ("‘", "’"), ("«", "»"),
    ("\\\"", "\\\""), ("\\'", "\\'"), ("$'", "'"), ("$\"", "\""), ("b'", "'"), ("b\"", "\""),
    ("r\"", "\""), ("\"\"\"", "\"\"\""), ("<", ">"), ("(", ")"), ("[", "]"), ("{", "}"),
    ("{{", "}}"), ("**", "**"), ("```", "```"), ("|", "|"), ("&quot;", "&quot;"), ("%22", "%22"),
    ("<![CDATA[", "]]>"),
];

/// Without a pair of quotes or brackets, or with only one of them left out.
pub(super) fn unquoted(text: &[u8]) -> Vec<Vec<u8>> {
    let trimmed = text.trim_ascii();
    let inner = PAIRS.iter().flat_map(|(open, close)| {
        let opened = trimmed.strip_prefix(open.as_bytes());
        let closed = trimmed.strip_suffix(close.as_bytes());
        let both = opened.and_then(|rest| rest.strip_suffix(close.as_bytes()));
        match both {
            Some(inner) => [Some(inner), None],
            None => [opened, closed],
        }
    });
    // The content of an XML element.
    let start = trimmed.iter().position(|byte| *byte == b'>');
    let end = trimmed.iter().rposition(|byte| *byte == b'<');
    let element = start.zip(end).and_then(|(start, end)| {
        let is_element = trimmed.starts_with(b"<") && trimmed.ends_with(b">");
        let inner = trimmed.get(start.saturating_add(1)..end)?;
        is_element.then_some(inner)
    });
    (inner.flatten().chain(element))
        .map(<[u8]>::to_vec)
        .collect()
}

/// After `NAME=`, `export NAME=`, `name: ` and the like.
pub(super) fn after_name(secret: &[u8]) -> Vec<Vec<u8>> {
    text(secret, |secret| {
        let assignment = secret.trim();
        let words = ["export ", "set ", "setx ", "ENV ", "const ", "- "];
        let assignment = words
            .iter()
            .find_map(|word| assignment.strip_prefix(word))
            .unwrap_or(assignment);
        let Some((name, value)) = assignment.split_once(['=', ':', ' ']) else {
            return Vec::new();
        };
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.\"'$ :".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_name) {
            return Vec::new();
        }
        let bare = value.trim_start_matches(['=', ':', ' ']).trim();
        let unquoted = bare.trim_matches(['"', '\'', ';', ',']);
        [value, bare, unquoted].map(str::to_owned).to_vec()
    })
}

/// The words and the strings in a longer text.
pub(super) fn parts(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut candidates = super::json::strings(secret);
    candidates.extend(text(secret, |secret| {
        let separators: [&[char]; 3] = [
            &['\n', '\r'],
            &['\n', '\r', '\t', ' ', ',', ';', '|', '"', '\''],
            &[
                '\n', '\r', '\t', ' ', ',', ';', '|', '"', '\'', '=', ':', '&',
            ],
        ];
        let split = |separators: &&[char]| {
            secret
                .split(*separators)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        separators.iter().flat_map(split).collect()
    }));
    candidates
}

/// Without the first or last characters that are neither letters nor digits.
pub(super) fn without_punctuation(secret: &[u8]) -> Vec<Vec<u8>> {
    text(secret, |secret| {
        let is_mark = |c: char| !c.is_alphanumeric();
        let ends = secret
            .chars()
            .rev()
            .take(4)
            .take_while(|c| is_mark(*c))
            .count();
        let starts = secret.chars().take(4).take_while(|c| is_mark(*c)).count();
        let length = secret.chars().count();
        let pairs = (0..=starts).flat_map(|start| (0..=ends).map(move |end| (start, end)));
        pairs
            .filter(|pair| *pair != (0, 0))
            .map(|(start, end)| {
                secret
                    .chars()
                    .take(length.saturating_sub(end))
                    .skip(start)
                    .collect()
            })
            .collect()
    })
}

/// One half, if it is the same as the other.
pub(super) fn halves(secret: &[u8]) -> Vec<Vec<u8>> {
    let half = |separator: usize| {
        let length = secret.len().checked_sub(separator)? / 2;
        let (first, rest) = secret.split_at_checked(length)?;
        let is_double =
            !first.is_empty() && rest.ends_with(first) && secret.len() == 2 * length + separator;
        is_double.then(|| first.to_vec())
    };
    (0..=2).filter_map(half).collect()
}

pub(super) fn one_more_character(secret: &[u8]) -> Vec<Vec<u8>> {
    (b' '..=b'~')
        .flat_map(|byte| [[secret, &[byte]].concat(), [&[byte], secret].concat()])
        .collect()
}

/// The longest secret of which every part is tried.
const LONGEST: usize = 160;

/// Every part, the longest first.
pub(super) fn substrings(secret: &[u8]) -> Vec<Vec<u8>> {
    if secret.len() > LONGEST {
        return Vec::new();
    }
    let lengths = (1..secret.len()).rev();
    lengths
        .flat_map(|length| secret.windows(length))
        .map(<[u8]>::to_vec)
        .collect()
}
