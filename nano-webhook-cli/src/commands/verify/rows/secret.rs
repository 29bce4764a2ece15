//! The mistakes that are made with a secret.

use super::Step::{Given, Guess, Signed};
use super::Undo::{Bytes, Text};
use super::text::{BYTE_ORDER_MARK, with_and_without};
use super::{Row, encodings, escapes, row, text};

/// From the secret that was given to the keys that the sender may have used.
#[rustfmt::skip]
pub(in super::super) const SECRETS: &[Row] = &[
    row("secret_trailing_newline", Given, Bytes(text::without_newline),
        "the secret was given with a newline at its end that the right one does not have; write it with printf %s instead of echo"),
    row("secret_missing_newline", Signed, Bytes(text::with_newline),
        "the sender's secret ends with a newline that the given one does not have; its file or variable was read with the newline that an editor or echo adds"),
    row("secret_surrounding_white_space", Given, Text(|secret, out| out.add(secret.trim())),
        "the secret was given with white space around it that the right one does not have"),
    row("secret_byte_order_mark", Given, Text(|secret, out| with_and_without(secret, &[BYTE_ORDER_MARK, "ï»¿"], out)),
        "the secret was given with a byte order mark before it, which some editors add to a file"),
    row("secret_quoted", Given, Text(text::unquoted),
        "the secret was given with quotes or brackets around it that the right one does not have; an env file that no shell reads keeps them"),
    row("secret_missing_quotes", Signed, Text(|secret, out| out.all(["\"", "'", "`"].map(|quote| format!("{quote}{secret}{quote}")))),
        "the sender's secret has quotes around it that the given one does not have; an env file that no shell reads keeps them"),
    row("secret_prefix", Given, Text(|secret, out| with_and_without(secret, PREFIXES, out)),
        "the given secret and the right one differ by a prefix such as whsec_, v1, or Bearer; the key is the whole text that was registered with the provider"),
    row("secret_variable_name", Given, Text(text::after_name),
        "the secret was given with the name of its variable before it (NAME=...); give only the value"),
    row("secret_invisible_characters", Given, Text(text::visible),
        "the secret was given with invisible characters in it (zero-width characters, control characters); copy it again as plain text"),
    row("secret_punctuation", Given, Text(text::without_punctuation),
        "the secret was given with punctuation before or after it, such as a comma, a semicolon or a percent sign, that the right one does not have; zsh prints % where a newline is missing"),
    row("secret_structured", Given, Text(text::parts),
        "the secret was given as part of a longer text (a JSON document, an env file, a list); give only the secret"),
    row("secret_duplicated", Given, Bytes(text::halves),
        "the secret was given twice in a row; give it once"),
    row("secret_inner_white_space", Given, Text(text::without_white_space),
        "the secret was given with line breaks or spaces in it that the right one does not have"),
    row("secret_space_for_plus", Given, Text(text::with_plus),
        "the secret was given with a space where the right one has a plus sign, which a form decoder replaces"),
    row("secret_uuid", Given, Text(text::regrouped),
        "the given secret and the right one differ by the dashes of a UUID"),
    row("secret_typography", Given, Text(text::typewritten),
        "the secret was given with typographic quotes, dashes or spaces; copy it again as plain text"),
    row("secret_html_escaped", Given, Bytes(escapes::html_decoded),
        "the secret was given HTML-escaped (&amp; for &); decode it"),
    row("secret_percent_encoded", Given, Text(escapes::percent_decoded),
        "the secret was given percent-encoded, as in a URL (%2B for +); decode it"),
    row("secret_backslash_escapes", Given, Bytes(escapes::unescaped),
        "the secret was given with escapes, as in JSON, C or a shell (\\n, \\\", \\u0026, \\$); give the characters themselves"),
    row("secret_quoted_printable", Given, Bytes(escapes::quoted_printable_decoded),
        "the secret was given in the quoted-printable form of mail (=3D for =); decode it"),
    row("secret_doubled_characters", Given, Text(escapes::halved),
        "the secret was given with doubled characters ($$ for $), as Compose files, templates and SQL need them; give each once"),
    row("secret_is_hex", Given, Bytes(|secret, out| encodings::only_text(encodings::hex_decoded, secret, out)),
        "the secret was given as the hex form of the right one; decode it"),
    row("secret_is_base64", Given, Bytes(|secret, out| encodings::only_text(encodings::base64_decoded, secret, out)),
        "the secret was given as the base64 form of the right one, as a Kubernetes Secret shows it; decode it"),
    row("secret_decoded_at_sender", Signed, Bytes(encodings::only_binary),
        "the sender decodes the secret from hex or base64 before it signs; the key of the provider is the text itself"),
    row("secret_decoded_from_hex", Signed, Bytes(encodings::hex_encoded),
        "the right secret is the hex form of the given one: do not decode it, the text itself is the key"),
    row("secret_decoded_from_base64", Signed, Bytes(encodings::base64_encoded),
        "the right secret is the base64 form of the given one: do not decode it, the text itself is the key"),
    row("secret_base64_alphabet", Given, Text(encodings::base64_respelled),
        "the given secret and the right one are spelled with different base64 alphabets (+/ or -_) or padding (=)"),
    row("secret_encoding", Given, Bytes(|secret, out| encodings::only_text(encodings::utf8_restored, secret, out)),
        "the secret was given in another character encoding than UTF-8 (UTF-16, Latin-1), or was read in another one"),
    row("secret_encoding_at_sender", Signed, Bytes(encodings::encoded_otherwise),
        "the sender's secret is in another character encoding than UTF-8 (UTF-16, Latin-1)"),
    row("secret_letter_case", Given, Text(text::letter_cases),
        "the given secret and the right one differ in upper and lower case"),
    row("secret_escaped_at_sender", Signed, Text(|secret, out| {
            escapes::escaped_at_sender(secret, out);
            escapes::doubled(secret, out);
        }),
        "the sender's secret is escaped (for HTML, a URL, JSON or a shell) where the given one is not"),
    row("secret_hashed_at_sender", Signed, Bytes(encodings::hashed),
        "the sender signs with the SHA-256 hash of the secret; the key is the secret itself"),
    row("secret_duplicated_at_sender", Signed, Text(|secret, out| out.all(["", "\n"].map(|between| format!("{secret}{between}{secret}")))),
        "the sender's secret is the given one twice in a row"),
    row("secret_empty_at_sender", Signed, Bytes(|_, out| out.0.push(Vec::new())),
        "the sender signs with an empty secret, so anyone could have signed this; its variable is probably not set"),
    row("secret_placeholder", Signed, Bytes(|_, out| out.all(PLACEHOLDERS.iter().copied())),
        "the sender signs with a placeholder that is public knowledge (the documented example, or a text such as undefined) instead of a secret"),
    row("secret_process_id", Given, Text(|secret, out| text::replaced(secret, |c| c.is_ascii_digit(), "$$", out)),
        "the given secret has a number where the right one has $$, which a shell replaces by its process id; put the secret in single quotes"),
    row("secret_missing_character", Guess, Bytes(text::one_more_character),
        "the right secret has one more character at its beginning or end than the given one; it was cut off when it was copied"),
    row("secret_extra_text", Guess, Bytes(text::substrings),
        "the right secret is a part of the given one, which has something else before or after it"),
];

#[rustfmt::skip]
const PREFIXES: &[&str] = &[
    "whsec_", "whsec-", "whsk_", "v1,", "v1=", "v1:", "v1.", "sha256=", "sha256:", "hmac ",
    "Bearer ", "bearer ", "Bearer: ", "Basic ", "Token ", "token ", "secret=", "secret:",
    "secret: ", "secret_key=", "key=", "key:", "sk_", "base64:", "hex:", "utf8:", "raw:", "text:",
    "plain:", "$", "<", "=", "- ",
];

#[rustfmt::skip]
const PLACEHOLDERS: &[&str] = &[
    "your-secret-key", "your_secret_key", "your-webhook-secret", "your-secret", "my-secret",
    "mysecret", "undefined", "null", "None", "nil", "NaN", "false", "true", "[object Object]",
    "[object Promise]", "secret", "secret_key", "webhook_secret", "changeme", "change-me", "test",
    "password", "example", "<secret>", "xxx", "NANO_WEBHOOK_SECRET", "$NANO_WEBHOOK_SECRET",
    "${NANO_WEBHOOK_SECRET}", "%NANO_WEBHOOK_SECRET%", "{{NANO_WEBHOOK_SECRET}}",
    "{{ NANO_WEBHOOK_SECRET }}", "process.env.NANO_WEBHOOK_SECRET", " ", "\"\"", "''", "\n",
];
