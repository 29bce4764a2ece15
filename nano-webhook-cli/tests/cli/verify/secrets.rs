use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::case::{Case, mistake};
use crate::support::SECRET;

/// The cause, what the receiver was given as the secret, and the sender's key.
#[rustfmt::skip]
pub(super) fn secrets() -> Vec<Case> {
    let given = |cause, given: &str| mistake(&[cause]).given_secret(given);
    let key = |cause, key: &[u8]| mistake(&[cause]).key(key);
    let html = "a&amp;b&lt;c&#39;&#x2F;d-0123456789";
    let special = "a&b<c'/d-0123456789";
    let hex_key = hex::encode(SECRET);
    let random = STANDARD.encode([0xfb; 32]);
    vec![
        given("secret_trailing_newline", &format!("{SECRET}\r\n")),
        key("secret_missing_newline", format!("{SECRET}\n").as_bytes()),
        given("secret_surrounding_white_space", &format!(" {SECRET}\t")),
        given("secret_surrounding_white_space", &format!("{SECRET}\u{a0}")),
        given("secret_byte_order_mark", &format!("\u{feff}{SECRET}")),
        given("secret_invisible_characters", &format!("{SECRET}\u{200b}")),
        given("secret_invisible_characters", &format!("\u{1b}[200~{SECRET}\u{1b}[201~")),
        given("secret_inner_white_space", &SECRET.replace("-for", "\n  -for")),
        given("secret_quoted", &format!("\"{SECRET}\"")),
        given("secret_quoted", &format!("'{SECRET}'\n")),
        given("secret_quoted", &format!("“{SECRET}”")),
        given("secret_quoted", &format!("<{SECRET}>")),
        key("secret_missing_quotes", format!("\"{SECRET}\"").as_bytes()),
        given("secret_variable_name", &format!("NANO_WEBHOOK_SECRET={SECRET}")),
        given("secret_variable_name", &format!("export S=\"{SECRET}\"")),
        given("secret_structured", &format!(r#"{{"secret":"{SECRET}","id":7}}"#)),
        given("secret_structured", &format!("A=1\nSECRET={SECRET}\nB=2")),
        given("secret_punctuation", &format!("{SECRET},")),
        given("secret_punctuation", &format!("{SECRET}%")),
        given("secret_prefix", &format!("v1,{SECRET}")),
        given("secret_prefix", &format!("Bearer {SECRET}")),
        key("secret_prefix", format!("whsec_{SECRET}").as_bytes()),
        given("secret_duplicated", &SECRET.repeat(2)),
        key("secret_duplicated_at_sender", SECRET.repeat(2).as_bytes()),
        given("secret_extra_text", &format!("the old one{SECRET}")),
        given("secret_missing_character", SECRET.get(1..).unwrap()),
        given("secret_html_escaped", html).key(special),
        given("secret_html_escaped", &html.replace('&', "&amp;")).key(html),
        given("secret_html_escaped", "a&dollar;b&lowbar;0123456789").key("a$b_0123456789"),
        given("secret_percent_encoded", "a%26b%3Cc%27%2Fd-0123456789").key(special),
        given("secret_backslash_escapes", r"a\u0026b\x3cc\'\/d-0123456789").key(special),
        given("secret_quoted_printable", "a=3Db=3Dc-0123456789").key("a=b=c-0123456789"),
        given("secret_doubled_characters", "a$$b-0123456789").key("a$b-0123456789"),
        given("secret_process_id", "a4711b").key("a$$b"),
        given("secret_space_for_plus", "a b/c 0123456789").key("a+b/c+0123456789"),
        given("secret_typography", "a—b’c 0123456789").key("a--b'c 0123456789"),
        given("secret_uuid", "550e8400e29b41d4a716446655440000").key("550e8400-e29b-41d4-a716-446655440000"),
        given("secret_escaped_at_sender", special).key(html.replace("&#x2F;", "/")),
        given("secret_escaped_at_sender", special).key("a%26b%3Cc'%2Fd-0123456789"),
        given("secret_escaped_at_sender", "a$b-0123456789").key("a$$b-0123456789"),
        given("secret_escaped_at_sender", "a.b-0123456789").key(r"a\.b-0123456789"),
        given("secret_is_hex", &hex_key),
        given("secret_is_hex", &hex_key.to_uppercase()),
        given("secret_is_hex", &hex::encode(format!("{SECRET}\n"))),
        given("secret_is_base64", &STANDARD_NO_PAD.encode(SECRET)),
        given("secret_is_base64", &URL_SAFE.encode("~~~???>>>ÿ")).key("~~~???>>>ÿ"),
        given("secret_is_base64", &STANDARD.encode(format!("{SECRET}\n"))),
        key("secret_decoded_from_hex", hex_key.to_uppercase().as_bytes()),
        key("secret_decoded_from_base64", URL_SAFE_NO_PAD.encode(SECRET).as_bytes()),
        given("secret_decoded_at_sender", &random).key([0xfb; 32]),
        given("secret_base64_alphabet", &URL_SAFE_NO_PAD.encode([0xfb; 32])).key(&random),
        given("secret_encoding", "clÃ©-0123456789").key("clé-0123456789"),
        key("secret_encoding_at_sender", &SECRET.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()),
        given("secret_encoding_at_sender", "clé-0123456789").key(b"cl\xe9-0123456789"),
        given("secret_letter_case", &SECRET.to_uppercase()),
        key("secret_hashed_at_sender", hex::encode(Sha256::digest(SECRET)).as_bytes()),
        key("secret_empty_at_sender", b""),
        key("secret_placeholder", b"undefined"),
        key("secret_placeholder", b"your-secret-key"),
    ]
}
