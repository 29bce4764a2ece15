use super::{Cause, base64};

/// From the secret that was given to those that may be the right one.
type Candidates = fn(&str) -> Vec<String>;

/// The key of an HMAC is padded with zero bytes (RFC 2104), so a key of one
/// zero byte is the empty key, which a `Secret` cannot be.
const EMPTY_KEY: &str = "\0";

pub(in super::super) const SECRETS: &[Cause<Candidates>] = &[
    Cause {
        code: "secret_trailing_newline",
        clause: "the secret was given with a newline at its end that the right one does not have; write it with printf %s instead of echo",
        candidates: |secret| changed(secret, secret.trim_end_matches(['\r', '\n'])),
    },
    Cause {
        code: "secret_missing_newline",
        clause: "the sender's secret ends with a newline that the given one does not have; its file or variable was read with the newline that an editor or echo adds",
        candidates: |secret| vec![format!("{secret}\n"), format!("{secret}\r\n")],
    },
    Cause {
        code: "secret_surrounding_white_space",
        clause: "the secret was given with white space around it that the right one does not have",
        candidates: |secret| changed(secret, secret.trim()),
    },
    Cause {
        code: "secret_byte_order_mark",
        clause: "the secret was given with a byte order mark before it, which some editors add to a file",
        candidates: |secret| changed(secret, secret.trim_start_matches('\u{feff}')),
    },
    Cause {
        code: "secret_quoted",
        clause: "the secret was given with quotes around it that the right one does not have; an env file that no shell reads keeps them",
        candidates: |secret| {
            ['"', '\'', '`']
                .into_iter()
                .filter_map(|quote| secret.trim().strip_prefix(quote)?.strip_suffix(quote))
                .map(str::to_owned)
                .collect()
        },
    },
    Cause {
        code: "secret_missing_quotes",
        clause: "the sender's secret has quotes around it that the given one does not have; an env file that no shell reads keeps them",
        candidates: |secret| vec![format!("\"{secret}\""), format!("'{secret}'")],
    },
    Cause {
        code: "secret_variable_name",
        clause: "the secret was given with the name of its variable before it (NAME=...); give what stands after the =",
        candidates: after_variable_name,
    },
    Cause {
        code: "secret_is_hex",
        clause: "the secret was given as the hex form of the right one; decode it",
        candidates: |secret| text_of(hex::decode(secret.trim()).ok()),
    },
    Cause {
        code: "secret_is_base64",
        clause: "the secret was given as the base64 form of the right one, as a Kubernetes Secret shows it; decode it",
        candidates: |secret| text_of(base64::decode(secret.trim())),
    },
    Cause {
        code: "secret_decoded_from_hex",
        clause: "the right secret is the hex form of the given one: do not decode it, the text itself is the key",
        candidates: |secret| vec![hex::encode(secret), hex::encode_upper(secret)],
    },
    Cause {
        code: "secret_decoded_from_base64",
        clause: "the right secret is the base64 form of the given one: do not decode it, the text itself is the key",
        candidates: |secret| base64::encode(secret),
    },
    Cause {
        code: "secret_prefix",
        clause: "the given secret and the right one differ by the prefix whsec_; the whole text is the key, with what stands before it",
        candidates: |secret| match secret.strip_prefix("whsec_") {
            Some(rest) => vec![rest.to_owned()],
            None => vec![format!("whsec_{secret}")],
        },
    },
    Cause {
        code: "secret_letter_case",
        clause: "the given secret and the right one differ in upper and lower case",
        candidates: |secret| vec![secret.to_lowercase(), secret.to_uppercase()],
    },
    Cause {
        code: "secret_empty_at_sender",
        clause: "the sender signs with an empty secret, so anybody could have signed this; its variable is probably not set",
        candidates: |_| vec![EMPTY_KEY.to_owned()],
    },
    Cause {
        code: "secret_placeholder",
        clause: "the sender signs with a placeholder that anybody knows (the documented example, or a text such as undefined) instead of a secret",
        candidates: |_| {
            [
                "your-secret-key",
                "undefined",
                "null",
                "None",
                "nil",
                "[object Object]",
                "secret",
                "secret_key",
                "changeme",
                "test",
                "NANO_WEBHOOK_SECRET",
                "$NANO_WEBHOOK_SECRET",
                "${NANO_WEBHOOK_SECRET}",
            ]
            .map(str::to_owned)
            .to_vec()
        },
    },
];

/// A text, if it is another one.
fn changed(before: &str, after: &str) -> Vec<String> {
    match before == after {
        true => Vec::new(),
        false => vec![after.to_owned()],
    }
}

/// A decoded secret, also without the newline that was encoded along. What is
/// not text cannot be the provider's secret, which is one.
fn text_of(decoded: Option<Vec<u8>>) -> Vec<String> {
    let Some(text) = decoded.and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return Vec::new();
    };
    let line = text.trim_end_matches(['\r', '\n']).to_owned();
    vec![text, line]
}

fn after_variable_name(secret: &str) -> Vec<String> {
    let assignment = secret.trim();
    let assignment = assignment.strip_prefix("export ").unwrap_or(assignment);
    let Some((name, value)) = assignment.split_once('=') else {
        return Vec::new();
    };
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let bare = value.trim_matches(['"', '\'']);
    match is_name {
        true => vec![value.to_owned(), bare.to_owned()],
        false => Vec::new(),
    }
}
