//! The mistakes that are made with a body.

use super::around::{BYTE_ORDER_MARK, unquoted, with_and_without, with_newline, without_newline};
use super::encodings::{
    base64_decoded, base64_encoded, encoded_otherwise, hex_decoded, quoted_printable_decoded,
    utf8_restored,
};
use super::envelopes::{after_http_head, decompressed, form_fields, multipart_parts, unchunked};
use super::escapes::{
    escaped, html_decoded, html_encoded, percent_decoded, percent_encoded, unescaped,
};
use super::json::{completed, from_repr, json_parts, json_string, json_within};
use super::spelling::{typewritten, visible};
use super::{Out, Row, Step, printed};

rows! {
/// From the body that was given to those that may have been signed.
const BODIES:
    body_newline_added, Signed, without_newline;
        "the body has a newline at its end that was not signed; curl -d and editors change bodies, --data-binary does not";
    body_newline_removed, Signed, with_newline;
        "the body was signed with a newline at its end that it no longer has";
    body_surrounding_white_space, Given, trimmed;
        "the body has white space or zero bytes before or after it that were not signed";
    body_byte_order_mark, Given, |body, out| with_and_without(body, &[BYTE_ORDER_MARK], out);
        "the body was given with a byte order mark that was not signed, or has lost one that was";
    body_line_endings, Given, line_endings;
        "the line endings of the body were changed, between LF and CRLF, after it was signed";
    body_white_space, Printed, printed::white_space;
        "the body was re-serialised: white space was added to it or taken from it after it was signed; verify the raw bytes, before any JSON parser";
    body_unicode_escapes, Printed, printed::unicode_escapes;
        "the body was re-serialised: characters became escapes (\\u00e9, \\/) or escapes became characters after it was signed; verify the raw bytes, before any JSON parser";
    body_reserialized, Printed, printed::reserialized;
        "the body was parsed and printed again after it was signed, which changed its bytes; verify the raw bytes, before any JSON parser";
    body_member_order, Printed, printed::member_order;
        "the body was re-serialised: its members are in another order than when it was signed; verify the raw bytes, before any JSON parser";
    body_json_string, Given, json_string;
        "the body was given as a JSON string that contains the signed body, as an API gateway passes it on; decode that string";
    body_in_envelope, Given, json_parts;
        "the signed body is one value inside the body that was given, as in the event of an API gateway or the message of a queue; verify that value";
    body_base64, Given, base64_decoded;
        "the body was given in base64, as an API gateway passes it on (isBase64Encoded); decode it";
    body_data_url, Given, data_url;
        "the body was given as a data: URL; decode it";
    body_hex, Given, hex_decoded;
        "the body was given in hex; decode it";
    body_compressed, Given, decompressed;
        "the body was given compressed (gzip, deflate or brotli), and the signature is over the uncompressed bytes; decompress it";
    body_in_form, Given, form_fields;
        "the signed body is the value of a form field in the body that was given; verify that field's value, decoded";
    body_in_multipart, Given, multipart_parts;
        "the signed body is one part of a multipart body; verify that part's content";
    body_percent_encoded, Given, percent_decoded;
        "the body was given percent-encoded, as in a URL; decode it";
    body_html_escaped, Given, html_decoded;
        "the body was given HTML-escaped (&quot; for a quote); decode it";
    body_backslash_escapes, Given, unescaped;
        "the body was given with backslash escapes, as a log or a source file shows it; decode them";
    body_quoted_printable, Given, quoted_printable_decoded;
        "the body was given in the quoted-printable form of mail; decode it";
    body_quoted, Given, unquoted;
        "the body was given with quotes or brackets around it that were not signed; a shell did not remove them";
    body_with_head, Given, after_http_head;
        "the body was given together with the head of its HTTP message; give what follows the blank line";
    body_chunked, Given, unchunked;
        "the body was given in the chunked transfer coding; join the data of its chunks";
    body_extra_text, Given, json_within;
        "the body was given with other text before or after it that was not signed";
    body_encoding, Given, utf8_restored;
        "the body was signed in another character encoding than it was given in (UTF-8, Latin-1 or UTF-16)";
    body_encoding, Signed, encoded_otherwise;
        "the body was signed in another character encoding than it was given in (UTF-8, Latin-1 or UTF-16)";
    body_invisible_characters, Given, visible;
        "the body was given with invisible characters that were not signed";
    body_typography, Given, typewritten;
        "the body was given with typographic quotes, dashes or spaces; copy it again as plain text";
    body_printed_object, Given, from_repr;
        "the body was given as a program prints an object (Python, Ruby), not as JSON; verify the raw bytes, before any parser";
    body_truncated, Signed, completed;
        "the end of the body is missing; it was cut off after it was signed";
    body_empty_at_sender, Signed, |_, out| out.0.push(Vec::new());
        "the sender signed an empty body; it signs before the body is complete, or after other code has read it";
    body_encoded_at_sender, Signed, encoded_at_sender;
        "the sender signed an encoded form of the body (a JSON string, base64 or percent-encoding); it must sign the bytes that it sends";
}

/// For a body that is longer than its `Content-Length`.
pub(in super::super) const CUT_TO_LENGTH: Row = Row {
    code: "body_longer_than_declared",
    clause: "the body is longer than its Content-Length, and what exceeds it was not signed",
    step: Step::Given,
    undo: |_, _| {},
};

/// Without white space around it, and without the zero bytes of a buffer behind it.
fn trimmed(body: &[u8], out: &mut Out) {
    out.add(body.trim_ascii());
    let end = body.iter().rposition(|byte| *byte != 0);
    out.all(end.and_then(|end| body.get(..=end)));
}

/// As a JSON string, in base64, percent-encoded, or escaped in another way.
fn encoded_at_sender(body: &[u8], out: &mut Out) {
    escaped(body, out);
    let quote = |text: &Vec<u8>| [b"\"", text.as_slice(), b"\""].concat();
    let strings: Vec<_> = out.0.iter().take(3).map(quote).collect();
    out.all(strings);
    [base64_encoded, percent_encoded, html_encoded]
        .iter()
        .for_each(|write| write(body, out));
}

/// `data:application/json;base64,…`
fn data_url(body: &[u8], out: &mut Out) {
    let comma = body.iter().take(100).position(|byte| *byte == b',');
    let comma = comma.filter(|_| body.starts_with(b"data:"));
    out.all(comma.and_then(|comma| body.get(comma..)?.get(1..)));
}

fn line_endings(body: &[u8], out: &mut Out) {
    let lines = body.split(|byte| *byte == b'\n');
    let bare: Vec<_> = lines
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .collect();
    out.all(["\n", "\r\n", "\r"].map(|end| bare.join(end.as_bytes())));
    let from_mac = body
        .iter()
        .map(|byte| if *byte == b'\r' { b'\n' } else { *byte });
    out.add(from_mac.collect::<Vec<_>>());
}
