use super::escapes::{decoded, utf8};
use super::escaping::encoded;

/// `&amp;`, `&#38;` and `&#x26;`.
pub(super) fn html_decoded(text: &[u8]) -> Vec<Vec<u8>> {
    decoded(text, b'&', |escape| {
        let length = escape.iter().take(12).position(|byte| *byte == b';')?;
        let name = std::str::from_utf8(escape.get(1..length)?).ok()?;
        let character = match name.strip_prefix('#') {
            Some(number) => {
                let hex = number.strip_prefix(['x', 'X']);
                let code = hex.map_or_else(|| number.parse(), |hex| u32::from_str_radix(hex, 16));
                char::from_u32(code.ok()?)?
            }
            None => *NAMES
                .iter()
                .find_map(|(known, character)| (*known == name).then_some(character))?,
        };
        Some((utf8(character), length.saturating_add(1)))
    })
}

/// The names of the characters that secrets and JSON contain.
#[rustfmt::skip]
const NAMES: &[(&str, char)] = &[
    ("amp", '&'), ("AMP", '&'), ("lt", '<'), ("LT", '<'), ("gt", '>'), ("GT", '>'),
    ("quot", '"'), ("QUOT", '"'), ("apos", '\''), ("nbsp", '\u{a0}'), ("sol", '/'),
    ("bsol", '\\'), ("plus", '+'), ("equals", '='), ("num", '#'), ("dollar", '$'),
    ("percnt", '%'), ("excl", '!'), ("commat", '@'), ("lowbar", '_'), ("UnderBar", '_'),
    ("hyphen", '-'), ("dash", '-'), ("colon", ':'), ("semi", ';'), ("comma", ','),
    ("period", '.'), ("quest", '?'), ("lpar", '('), ("rpar", ')'),
    ("lsqb", '['), ("lbrack", '['), ("rsqb", ']'), ("rbrack", ']'),
    ("lcub", '{'), ("lbrace", '{'), ("rcub", '}'), ("rbrace", '}'), ("ast", '*'), ("grave", '`'),
    ("Hat", '^'), ("vert", '|'), ("Tab", '\t'), ("NewLine", '\n'), ("eacute", 'é'),
    ("egrave", 'è'), ("agrave", 'à'), ("auml", 'ä'), ("ouml", 'ö'), ("uuml", 'ü'), ("szlig", 'ß'),
];

pub(super) fn html_encoded(text: &[u8]) -> Vec<Vec<u8>> {
    let basic = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")];
    [
        &[][..],
        &[("\"", "&quot;")],
        &[("\"", "&quot;"), ("'", "&#39;")],
        &[("\"", "&quot;"), ("'", "&#039;")],
        &[("\"", "&quot;"), ("'", "&#x27;")],
        &[("\"", "&quot;"), ("'", "&apos;")],
        &[("\"", "&#34;"), ("'", "&#39;")],
        &[
            ("\"", "&quot;"),
            ("'", "&#39;"),
            ("/", "&#x2F;"),
            ("`", "&#x60;"),
            ("=", "&#x3D;"),
        ],
    ]
    .map(|more| {
        let escapes: Vec<_> = basic.iter().chain(more).collect();
        encoded(text, |byte, out| {
            let escape = escapes.iter().find(|(plain, _)| plain.as_bytes() == [byte]);
            out.extend_from_slice(escape.map_or(&[byte], |(_, escape)| escape.as_bytes()));
        })
    })
    .into_iter()
    .flatten()
    .collect()
}
