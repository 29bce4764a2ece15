use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};
use serde_json::Value;

use super::case::{BODY, Case, mistake};

/// The cause, and the body that was given or the one that was signed.
#[rustfmt::skip]
pub(super) fn bodies() -> Vec<Case> {
    let given = |cause, body: &[u8]| mistake(&[cause]).given_body(body);
    let signed = |cause, body: &[u8]| mistake(&[cause]).signed_body(body);
    let latin1: Vec<u8> = BODY.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let mojibake: String = BODY.bytes().map(char::from).collect();
    let alphabetical = serde_json::from_str::<Value>(BODY).unwrap().to_string();
    let lines = BODY.replace(',', ",\n");
    let string = Value::from(BODY).to_string();
    let escaped = BODY.replace('"', "\\\"");
    let form: String = BODY.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let multipart = format!(
        "--x\r\nContent-Disposition: form-data; name=\"payload\"\r\n\r\n{BODY}\r\n--x--\r\n"
    );
    let chunked = format!("{:x}\r\n{BODY}\r\n0\r\n\r\n", BODY.len());
    vec![
        given("body_newline_added", format!("{BODY}\r\n").as_bytes()),
        signed("body_newline_removed", format!("{BODY}\n").as_bytes()),
        given("body_surrounding_white_space", format!(" {BODY} ").as_bytes()),
        given("body_byte_order_mark", format!("\u{feff}{BODY}").as_bytes()),
        signed("body_byte_order_mark", format!("\u{feff}{BODY}").as_bytes()),
        given("body_line_endings", lines.replace('\n', "\r\n").as_bytes()).signed_body(&lines),
        given("body_line_endings", lines.as_bytes()).signed_body(lines.replace('\n', "\r\n")),
        // Re-indented on its way, and an indented body made compact.
        given("body_white_space", pretty(&alphabetical).as_bytes()).signed_body(&alphabetical),
        given("body_white_space", format!("{}\n", BODY.replace(',', " ,\t")).as_bytes()),
        given("body_white_space", alphabetical.as_bytes()).signed_body(pretty(&alphabetical)),
        signed("body_white_space", BODY.replace(r#"":"#, r#"": "#).replace(',', ", ").as_bytes()),
        given("body_unicode_escapes", ascii(BODY).as_bytes()),
        given("body_unicode_escapes", BODY.replace('/', "\\/").as_bytes()),
        given("body_unicode_escapes", BODY.replace('&', "\\u0026").as_bytes()),
        signed("body_unicode_escapes", ascii(BODY).replace("\\u00e9", "\\u00E9").as_bytes()),
        signed("body_unicode_escapes", ascii(BODY).replace('/', "\\/").as_bytes()),
        given("body_member_order", pretty(&alphabetical).as_bytes()),
        signed("body_member_order", alphabetical.as_bytes()),
        given("body_reserialized", python(BODY).as_bytes()),
        signed("body_reserialized", python(BODY).as_bytes()),
        given("body_reserialized", BODY.replace(":6", ": 6.0").as_bytes()),
        signed("body_reserialized", BODY.replace(":6", ":6.0").as_bytes()),
        given("body_encoding", &latin1),
        signed("body_encoding", &latin1),
        given("body_encoding", mojibake.as_bytes()),
        given("body_encoding", &utf16(&format!("{BODY}\r\n"))),
        given("body_json_string", string.as_bytes()),
        given("body_in_envelope", format!(r#"{{"requestContext":{{"elb":{{}}}},"body":{string}}}"#).as_bytes()),
        given("body_in_envelope", format!(r#"{{"detail-type":"a","detail":{BODY}}}"#).as_bytes()),
        given("body_base64", STANDARD.encode(BODY).as_bytes()),
        given("body_hex", hex::encode(BODY).as_bytes()),
        given("body_compressed", &compressed(GzEncoder::new(BODY.as_bytes(), Compression::best()))),
        given("body_compressed", &compressed(ZlibEncoder::new(BODY.as_bytes(), Compression::best()))),
        given("body_compressed", &compressed(DeflateEncoder::new(BODY.as_bytes(), Compression::best()))),
        given("body_in_form", format!("a=1&payload={form}").as_bytes()),
        given("body_in_multipart", multipart.as_bytes()),
        given("body_percent_encoded", form.as_bytes()),
        given("body_html_escaped", BODY.replace('&', "&amp;").replace('"', "&quot;").as_bytes()),
        given("body_backslash_escapes", escaped.as_bytes()),
        given("body_quoted_printable", BODY.replace('=', "=3D").as_bytes()),
        given("body_quoted", format!("'{BODY}'").as_bytes()),
        given("body_with_head", format!("POST / HTTP/1.1\r\nA: b\r\n\r\n{BODY}").as_bytes()),
        given("body_chunked", chunked.as_bytes()),
        given("body_data_url", format!("data:application/json,{BODY}").as_bytes()),
        given("body_extra_text", format!("received {BODY} in 3 ms").as_bytes()),
        given("body_extra_text", BODY.repeat(2).as_bytes()),
        given("body_invisible_characters", BODY.replace("task_é", "task_\u{200b}é").as_bytes()),
        given("body_typography", BODY.replacen('"', "“", 1).as_bytes()),
        given("body_printed_object", BODY.replace('"', "'").as_bytes()),
        given("body_truncated", BODY.strip_suffix('}').unwrap().as_bytes()),
        signed("body_empty_at_sender", b""),
        signed("body_encoded_at_sender", string.as_bytes()),
        signed("body_encoded_at_sender", STANDARD.encode(BODY).as_bytes()),
    ]
}

pub(super) fn compressed(mut encoder: impl std::io::Read) -> Vec<u8> {
    let mut out = Vec::new();
    encoder.read_to_end(&mut out).unwrap();
    out
}

/// Changes the white space of a JSON text with `serde_json`, which keeps no
/// order of members, so only where that does not matter.
fn pretty(text: &str) -> String {
    let value: Value = serde_json::from_str(text).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

/// As Python's `json.dumps(json.loads(BODY))`.
fn python(text: &str) -> String {
    ascii(&text.replace(r#"":"#, r#"": "#).replace(r#","#, r#", "#))
}

pub(super) fn ascii(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, character| {
        match character.is_ascii() {
            true => out.push(character),
            false => write!(out, "\\u{:04x}", u32::from(character)).unwrap(),
        }
        out
    })
}

pub(super) fn utf16(text: &str) -> Vec<u8> {
    [0xfeff]
        .into_iter()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect()
}
