use super::Fault;
use super::encodings::from_base64;

/// A signature as it was given, read in whatever form it is.
#[derive(Debug)]
pub(in super::super) struct Presented {
    /// The MAC, or its first bytes.
    mac: Vec<u8>,
    /// How the form differs from the documented one.
    pub(in super::super) fault: Option<Fault>,
}

const PREFIX: &str = "v1=";
const BYTES: usize = 32;

/// Of a signature that was cut off, so many bytes are enough to tell.
const FEWEST_BYTES: usize = 8;

impl Presented {
    /// Finds the MAC in a text. `None` if the text contains nothing like one.
    pub(in super::super) fn read(text: &str) -> Option<Self> {
        let trimmed = text.trim().trim_matches(['"', '\'']).trim();
        read_documented(text, trimmed)
            .or_else(|| read_hex(trimmed))
            .or_else(|| read_base64(trimmed))
            .or_else(|| read_truncated(trimmed))
    }

    pub(in super::super) fn is(&self, mac: &[u8]) -> bool {
        mac.starts_with(&self.mac)
    }

    /// Of a MAC that was read as cut off, how many hex digits it has.
    pub(in super::super) fn digits(&self) -> usize {
        self.mac.len() * 2
    }
}

/// The time in `t=1734948000,v1=…`.
pub(in super::super) fn time_in(signature: &str) -> Option<String> {
    let mut fields = signature.split([',', ';']);
    let time = fields.find_map(|field| {
        let (name, value) = field.trim().split_once('=')?;
        matches!(name, "t" | "ts" | "timestamp").then_some(value)
    })?;
    Some(time.to_owned())
}

/// The scheme of another provider, by the form of its signatures.
pub(in super::super) fn scheme(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let fields = || text.split([',', ';', ' ']).map(str::trim);
    let has = |prefix: &str| fields().any(|field| field.starts_with(prefix));
    Some(match () {
        () if has("t=") && (has("v1=") || has("v0=")) => "Stripe's form (t=...,v1=...)",
        () if has("ts=") && has("h1=") => "Paddle's form (ts=...;h1=...)",
        () if text.starts_with("sha256=") => "GitHub's form (sha256=...)",
        () if text.starts_with("sha1=") => "the form of GitHub's former X-Hub-Signature (sha1=...)",
        () if fields().any(|field| field == "v1") || text.starts_with("v1a,") => {
            "the form of Standard Webhooks and Svix (v1,BASE64)"
        }
        () if text.starts_with("v0=") => "Slack's form (v0=...)",
        () if text.contains("keyId=") || text.contains("=:") => {
            "the form of HTTP Message Signatures (RFC 9421)"
        }
        () if text.starts_with("eyJ") => "a JSON Web Token",
        () if ["Bearer ", "Basic ", "HMAC "]
            .iter()
            .any(|word| text.starts_with(word)) =>
        {
            "the form of an Authorization header"
        }
        () => return None,
    })
}

/// `v1=` and 64 digits, except for white space, quotes and upper case.
fn read_documented(text: &str, trimmed: &str) -> Option<Presented> {
    let digits = trimmed.strip_prefix(PREFIX)?;
    let mac = mac(digits)?;
    let fault = if text != trimmed {
        Some(Fault::new(
            "signature_surrounded",
            "the signature was given with white space or quotes around it; it must be v1= and 64 digits, nothing else",
        ))
    } else if digits.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Some(Fault::new(
            "signature_upper_case",
            "the signature has upper-case hex digits; the documented form is lower case, and compared as text",
        ))
    } else {
        None
    };
    Some(Presented { mac, fault })
}

fn mac(digits: &str) -> Option<Vec<u8>> {
    let mac = hex::decode(digits).ok()?;
    (mac.len() == BYTES).then_some(mac)
}

/// A run of exactly 64 hex digits, with something else before or after it.
fn read_hex(text: &str) -> Option<Presented> {
    let mut runs = text.split(|character: char| !character.is_ascii_hexdigit());
    let (digits, mac) = runs.find_map(|run| Some((run, mac(run)?)))?;
    let of = scheme(text).map(|scheme| format!(", but it has {scheme}"));
    let of = of.as_deref().unwrap_or_default();
    let fault = match text.strip_suffix(digits) {
        Some("") => Fault::new(
            "signature_prefix",
            "the signature has no prefix; it must begin with v1=",
        ),
        // Only what looks like a prefix is quoted.
        Some(prefix) if prefix.len() <= 16 && prefix.chars().all(|c| c.is_ascii_graphic()) => {
            Fault::new(
                "signature_prefix",
                format!("the signature begins with {prefix}; it must begin with v1={of}"),
            )
        }
        Some(_) => Fault::new(
            "signature_prefix",
            format!("the signature has other text than v1= before it{of}"),
        ),
        None => Fault::new(
            "signature_list",
            format!(
                "the signature was given as part of a longer text; it must be v1= and 64 digits, nothing else{of}"
            ),
        ),
    };
    Some(Presented {
        mac,
        fault: Some(fault),
    })
}

fn read_base64(text: &str) -> Option<Presented> {
    let after_prefix = text
        .find(['=', ':', ','])
        .and_then(|position| text.get(position..)?.get(1..));
    let first_word = text.split(' ').find_map(|word| word.strip_prefix("v1,"));
    let mac = [Some(text), after_prefix, first_word]
        .into_iter()
        .flatten()
        .filter_map(|text| from_base64(text.as_bytes()))
        .find(|bytes| bytes.len() == BYTES)?;
    let of = scheme(text).map(|scheme| format!(", but it has {scheme}"));
    Some(Presented {
        mac,
        fault: Some(Fault::new(
            "signature_base64",
            format!(
                "the signature is in base64; it must be v1= and lower-case hex digits{}",
                of.unwrap_or_default()
            ),
        )),
    })
}

fn read_truncated(text: &str) -> Option<Presented> {
    let digits = text.strip_prefix(PREFIX).unwrap_or(text);
    let whole = digits.get(..digits.len() & !1)?;
    let mac = hex::decode(whole).ok()?;
    (FEWEST_BYTES..BYTES)
        .contains(&mac.len())
        .then(|| Presented {
            mac,
            fault: Some(Fault::new(
                "signature_truncated",
                format!(
                    "the signature was cut off after {} of its 64 hex digits",
                    digits.len()
                ),
            )),
        })
}

/// Of a text without an HMAC-SHA256 in it: what it is instead.
pub(in super::super) fn other_algorithm(signature: &str) -> Option<&'static str> {
    let digits = signature
        .trim()
        .rsplit(|character: char| !character.is_ascii_hexdigit())
        .next()
        .map(str::len);
    let after = signature.rsplit_once(['=', ',', ':', ' ']);
    let in_base64 = [Some(signature.trim()), after.map(|(_, text)| text)]
        .into_iter()
        .flatten()
        .find_map(|text| from_base64(text.as_bytes()))
        .map(|bytes| bytes.len());
    Some(match (digits, in_base64) {
        (Some(32), _) | (_, Some(16)) => "a signature of 128 bits, as those of HMAC-MD5",
        (Some(40), _) | (_, Some(20)) => "a signature of 160 bits, as those of HMAC-SHA1",
        (Some(56), _) | (_, Some(28)) => "a signature of 224 bits, as those of HMAC-SHA224",
        (Some(96), _) | (_, Some(48)) => "a signature of 384 bits, as those of HMAC-SHA384",
        (Some(128), _) | (_, Some(64)) => {
            "a signature of 512 bits, as those of HMAC-SHA512 and Ed25519"
        }
        _ => return None,
    })
}
