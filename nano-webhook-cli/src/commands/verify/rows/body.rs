//! The mistakes that are made with a body.

use super::Step::{Given, Printed, Signed};
use super::Undo::{Bytes, Text};
use super::text::{BYTE_ORDER_MARK, with_and_without};
use super::{Out, Row, encodings, envelopes, escapes, json, printed, row, text};

/// From the body that was given to those that may have been signed.
#[rustfmt::skip]
pub(in super::super) const BODIES: &[Row] = &[
    row("body_newline_added", Signed, Bytes(text::without_newline),
        "the body has a newline at its end that was not signed; curl -d and editors change bodies, --data-binary does not"),
    row("body_newline_removed", Signed, Bytes(text::with_newline),
        "the body was signed with a newline at its end that it no longer has"),
    row("body_surrounding_white_space", Given, Text(|body, out| out.all([body.trim_ascii(), body.trim_end_matches('\0')])),
        "the body has white space or zero bytes before or after it that were not signed"),
    row("body_byte_order_mark", Given, Text(|body, out| with_and_without(body, &[BYTE_ORDER_MARK], out)),
        "the body was given with a byte order mark that was not signed, or has lost one that was"),
    row("body_line_endings", Given, Text(line_endings),
        "the line endings of the body were changed, between LF and CRLF, after it was signed"),
    row("body_white_space", Printed, Text(printed::white_space),
        "the body was re-serialised: white space was added to it or taken from it after it was signed; verify the raw bytes, before any JSON parser"),
    row("body_unicode_escapes", Printed, Text(printed::unicode_escapes),
        "the body was re-serialised: characters became escapes (\\u00e9, \\/) or escapes became characters after it was signed; verify the raw bytes, before any JSON parser"),
    row("body_reserialized", Printed, Text(printed::reserialized),
        "the body was parsed and printed again after it was signed, which changed its bytes; verify the raw bytes, before any JSON parser"),
    row("body_member_order", Printed, Text(printed::member_order),
        "the body was re-serialised: its members are in another order than when it was signed; verify the raw bytes, before any JSON parser"),
    row("body_json_string", Given, Bytes(|body, out| out.all(serde_json::from_slice::<String>(body))),
        "the body was given as a JSON string that contains the signed body, as an API gateway passes it on; decode that string"),
    row("body_in_envelope", Given, Text(json::json_parts),
        "the signed body is one value inside the body that was given, as in the event of an API gateway or the message of a queue; verify that value"),
    row("body_base64", Given, Bytes(encodings::base64_decoded),
        "the body was given in base64, as an API gateway passes it on (isBase64Encoded); decode it"),
    row("body_data_url", Given, Text(data_url),
        "the body was given as a data: URL; decode it"),
    row("body_hex", Given, Bytes(encodings::hex_decoded),
        "the body was given in hex; decode it"),
    row("body_compressed", Given, Bytes(envelopes::decompressed),
        "the body was given compressed (gzip, deflate or brotli), and the signature is over the uncompressed bytes; decompress it"),
    row("body_in_form", Given, Text(envelopes::form_fields),
        "the signed body is the value of a form field in the body that was given; verify that field's value, decoded"),
    row("body_in_multipart", Given, Bytes(envelopes::multipart_parts),
        "the signed body is one part of a multipart body; verify that part's content"),
    row("body_percent_encoded", Given, Text(escapes::percent_decoded),
        "the body was given percent-encoded, as in a URL; decode it"),
    row("body_html_escaped", Given, Bytes(escapes::html_decoded),
        "the body was given HTML-escaped (&quot; for a quote); decode it"),
    row("body_backslash_escapes", Given, Bytes(escapes::unescaped),
        "the body was given with backslash escapes, as a log or a source file shows it; decode them"),
    row("body_quoted_printable", Given, Bytes(escapes::quoted_printable_decoded),
        "the body was given in the quoted-printable form of mail; decode it"),
    row("body_quoted", Given, Text(text::unquoted),
        "the body was given with quotes or brackets around it that were not signed; a shell did not remove them"),
    row("body_with_head", Given, Bytes(envelopes::after_http_head),
        "the body was given together with the head of its HTTP message; give what follows the blank line"),
    row("body_chunked", Given, Bytes(envelopes::unchunked),
        "the body was given in the chunked transfer coding; join the data of its chunks"),
    row("body_extra_text", Given, Bytes(json::json_within),
        "the body was given with other text before or after it that was not signed"),
    row("body_encoding", Given, Bytes(encodings::utf8_restored),
        "the body was signed in another character encoding than it was given in (UTF-8, Latin-1 or UTF-16)"),
    row("body_encoding", Signed, Bytes(encodings::encoded_otherwise),
        "the body was signed in another character encoding than it was given in (UTF-8, Latin-1 or UTF-16)"),
    row("body_invisible_characters", Given, Text(text::visible),
        "the body was given with invisible characters that were not signed"),
    row("body_typography", Given, Text(text::typewritten),
        "the body was given with typographic quotes, dashes or spaces; copy it again as plain text"),
    row("body_printed_object", Given, Text(from_repr),
        "the body was given as a program prints an object (Python, Ruby), not as JSON; verify the raw bytes, before any parser"),
    row("body_truncated", Signed, Text(json::completed),
        "the end of the body is missing; it was cut off after it was signed"),
    row("body_empty_at_sender", Signed, Bytes(|_, out| out.0.push(Vec::new())),
        "the sender signed an empty body; it signs before the body is complete, or after other code has read it"),
    row("body_encoded_at_sender", Signed, Text(encoded_at_sender),
        "the sender signed an encoded form of the body (a JSON string, base64 or percent-encoding); it must sign the bytes that it sends"),
];

/// For a body that is longer than its `Content-Length`.
pub(in super::super) const CUT_TO_LENGTH: Row = row(
    "body_longer_than_declared",
    Given,
    Bytes(|_, _| {}),
    "the body is longer than its Content-Length, and what exceeds it was not signed",
);

/// `data:application/json;base64,…`
fn data_url(body: &str, out: &mut Out) {
    let parts = body.strip_prefix("data:");
    let parts = parts.and_then(|parts| parts.split_once(','));
    out.all(parts.map(|(_, data)| data));
}

fn line_endings(body: &str, out: &mut Out) {
    let lines = body.replace("\r\n", "\n");
    out.all(["\r\n", "\n", "\r"].map(|end| lines.replace('\n', end)));
    out.add(body.replace('\r', "\n"));
}

/// `{'event': 'job.completed', 'error': None}` and `{"event"=>"job.completed"}`.
fn from_repr(body: &str, out: &mut Out) {
    #[rustfmt::skip]
    let python = [("'", "\""), (": None", ": null"), (": True", ": true"), (": False", ": false")];
    let ruby = [("=>nil", ":null"), ("\" => ", "\":"), ("=>", ":")];
    for changes in [&python[..], &ruby] {
        let change = |body: String, (from, to): &(&str, &str)| body.replace(from, to);
        out.add(changes.iter().fold(body.trim().to_owned(), change));
    }
}

/// As a JSON string, in base64, percent-encoded, or escaped in another way.
fn encoded_at_sender(body: &str, out: &mut Out) {
    out.all(escapes::json_strings(body));
    encodings::base64_encoded(body.as_bytes(), out);
    escapes::escaped_at_sender(body, out);
}
