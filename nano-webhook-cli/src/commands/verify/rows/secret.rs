//! The mistakes that are made with a secret.

use super::around::{
    BYTE_ORDER_MARK, after_name, halves, one_more_character, parts, substrings, unquoted,
    with_and_without, with_newline, without_newline, without_punctuation,
};
use super::encodings::{
    base64_decoded, base64_encoded, base64_respelled, encoded_otherwise, hashed, hex_decoded,
    hex_encoded, only_binary, only_text, quoted_printable_decoded, utf8_restored,
};
use super::escapes::{
    doubled, escaped, halved, html_decoded, html_encoded, percent_decoded, percent_encoded,
    unescaped,
};
use super::spelling::{
    letter_cases, regrouped, typewritten, visible, with_plus, with_process_id, without_white_space,
};

rows! {
/// From the secret that was given to the keys that the sender may have used.
const SECRETS:
    secret_trailing_newline, Given, without_newline;
        "the secret was given with a newline at its end that the right one does not have; write it with printf %s instead of echo";
    secret_missing_newline, Signed, with_newline;
        "the sender's secret ends with a newline that the given one does not have; its file or variable was read with the newline that an editor or echo adds";
    secret_surrounding_white_space, Given, |secret, out| out.all(str::from_utf8(secret).map(str::trim));
        "the secret was given with white space around it that the right one does not have";
    secret_byte_order_mark, Given, |secret, out| with_and_without(secret, &[BYTE_ORDER_MARK, "ï»¿"], out);
        "the secret was given with a byte order mark before it, which some editors add to a file";
    secret_quoted, Given, unquoted;
        "the secret was given with quotes or brackets around it that the right one does not have; an env file that no shell reads keeps them";
    secret_missing_quotes, Signed, |secret, out| out.all([b"\"", b"'", b"`"].map(|quote| [quote, secret, quote].concat()));
        "the sender's secret has quotes around it that the given one does not have; an env file that no shell reads keeps them";
    secret_prefix, Given, |secret, out| with_and_without(secret, PREFIXES, out);
        "the given secret and the right one differ by a prefix such as whsec_, v1, or Bearer; the key is the whole text that was registered with the provider";
    secret_variable_name, Given, after_name;
        "the secret was given with the name of its variable before it (NAME=...); give only the value";
    secret_invisible_characters, Given, visible;
        "the secret was given with invisible characters in it (zero-width characters, control characters); copy it again as plain text";
    secret_punctuation, Given, without_punctuation;
        "the secret was given with punctuation before or after it, such as a comma, a semicolon or a percent sign, that the right one does not have; zsh prints % where a newline is missing";
    secret_structured, Given, parts;
        "the secret was given as part of a longer text (a JSON document, an env file, a list); give only the secret";
    secret_duplicated, Given, halves;
        "the secret was given twice in a row; give it once";
    secret_inner_white_space, Given, without_white_space;
        "the secret was given with line breaks or spaces in it that the right one does not have";
    secret_space_for_plus, Given, with_plus;
        "the secret was given with a space where the right one has a plus sign, which a form decoder replaces";
    secret_uuid, Given, regrouped;
        "the given secret and the right one differ by the dashes of a UUID";
    secret_typography, Given, typewritten;
        "the secret was given with typographic quotes, dashes or spaces; copy it again as plain text";
    secret_html_escaped, Given, html_decoded;
        "the secret was given HTML-escaped (&amp; for &); decode it";
    secret_percent_encoded, Given, percent_decoded;
        "the secret was given percent-encoded, as in a URL (%2B for +); decode it";
    secret_backslash_escapes, Given, unescaped;
        "the secret was given with escapes, as in JSON, C or a shell (\\n, \\\", \\u0026, \\$); give the characters themselves";
    secret_quoted_printable, Given, quoted_printable_decoded;
        "the secret was given in the quoted-printable form of mail (=3D for =); decode it";
    secret_doubled_characters, Given, halved;
        "the secret was given with doubled characters ($$ for $), as Compose files, templates and SQL need them; give each once";
    secret_is_hex, Given, |secret, out| only_text(hex_decoded, secret, out);
        "the secret was given as the hex form of the right one; decode it";
    secret_is_base64, Given, |secret, out| only_text(base64_decoded, secret, out);
        "the secret was given as the base64 form of the right one, as a Kubernetes Secret shows it; decode it";
    secret_decoded_at_sender, Signed, only_binary;
        "the sender decodes the secret from hex or base64 before it signs; the key of the provider is the text itself";
    secret_decoded_from_hex, Signed, hex_encoded;
        "the right secret is the hex form of the given one: do not decode it, the text itself is the key";
    secret_decoded_from_base64, Signed, base64_encoded;
        "the right secret is the base64 form of the given one: do not decode it, the text itself is the key";
    secret_base64_alphabet, Given, base64_respelled;
        "the given secret and the right one are spelled with different base64 alphabets (+/ or -_) or padding (=)";
    secret_encoding, Given, |secret, out| only_text(utf8_restored, secret, out);
        "the secret was given in another character encoding than UTF-8 (UTF-16, Latin-1), or was read in another one";
    secret_encoding_at_sender, Signed, encoded_otherwise;
        "the sender's secret is in another character encoding than UTF-8 (UTF-16, Latin-1)";
    secret_letter_case, Given, letter_cases;
        "the given secret and the right one differ in upper and lower case";
    secret_escaped_at_sender, Signed, |secret, out| {
            [html_encoded, percent_encoded, escaped, doubled].iter().for_each(|write| write(secret, out));
        };
        "the sender's secret is escaped (for HTML, a URL, JSON or a shell) where the given one is not";
    secret_hashed_at_sender, Signed, hashed;
        "the sender signs with the SHA-256 hash of the secret; the key is the secret itself";
    secret_duplicated_at_sender, Signed, |secret, out| out.all([secret.repeat(2), [secret, b"\n", secret].concat()]);
        "the sender's secret is the given one twice in a row";
    secret_empty_at_sender, Signed, |_, out| out.0.push(Vec::new());
        "the sender signs with an empty secret, so anyone could have signed this; its variable is probably not set";
    secret_placeholder, Signed, |_, out| out.all(PLACEHOLDERS.iter().copied());
        "the sender signs with a placeholder that is public knowledge (the documented example, or a text such as undefined) instead of a secret";
    secret_process_id, Given, with_process_id;
        "the given secret has a number where the right one has $$, which a shell replaces by its process id; put the secret in single quotes";
    secret_missing_character, Guess, one_more_character;
        "the right secret has one more character at its beginning or end than the given one; it was cut off when it was copied";
    secret_extra_text, Guess, substrings;
        "the right secret is a part of the given one, which has something else before or after it";
}

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
