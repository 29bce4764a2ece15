use super::Fault;
use super::rows::from_base64;

/// A signature as it was given, read in whatever form it is.
pub(super) struct Presented {
    /// The MAC, or its first bytes.
    mac: Vec<u8>,
    /// How the form differs from the documented one.
    pub(super) fault: Option<Fault>,
}

const PREFIX: &str = "v1=";
const BYTES: usize = 32;

/// Of a signature that was cut off, so many bytes are enough to tell.
const FEWEST_BYTES: usize = 8;

impl Presented {
    /// Finds the MAC in a text. `None` if the text contains nothing like one.
    pub(super) fn read(text: &str) -> Option<Self> {
        let trimmed = text.trim().trim_matches(['"', '\'']).trim();
        let whole = |digits: &str| hex::decode(digits).ok().filter(|mac| mac.len() == BYTES);
        if let Some(mac) = trimmed.strip_prefix(PREFIX).and_then(whole) {
            let fault = documented_fault(text, trimmed);
            return Some(Self { mac, fault });
        }
        let of = scheme(text).map(|scheme| format!(", but it has {scheme}"));
        let of = of.unwrap_or_default();
        let with = |mac, code, clause: String| {
            let fault = Some(Fault::new(code, clause));
            Some(Self { mac, fault })
        };
        let mut runs = trimmed.split(|character: char| !character.is_ascii_hexdigit());
        if let Some((digits, mac)) = runs.find_map(|run| Some((run, whole(run)?))) {
            // Only what looks like a prefix is quoted.
            let is_prefix =
                |text: &str| text.len() <= 16 && text.chars().all(|c| c.is_ascii_graphic());
            let clause = match trimmed.strip_suffix(digits) {
                Some("") => "the signature has no prefix; it must begin with v1=".to_owned(),
                Some(prefix) if is_prefix(prefix) => {
                    format!("the signature begins with {prefix}; it must begin with v1={of}")
                }
                Some(_) => format!("the signature has other text than v1= before it{of}"),
                None => {
                    let clause = format!(
                        "the signature was given as part of a longer text; it must be v1= and 64 digits, nothing else{of}"
                    );
                    return with(mac, "signature_list", clause);
                }
            };
            return with(mac, "signature_prefix", clause);
        }
        if let Some(mac) = in_base64(trimmed).find(|bytes| bytes.len() == BYTES) {
            let clause =
                format!("the signature is in base64; it must be v1= and lower-case hex digits{of}");
            return with(mac, "signature_base64", clause);
        }
        let digits = trimmed.strip_prefix(PREFIX).unwrap_or(trimmed);
        let mac = hex::decode(digits.get(..digits.len() & !1)?).ok()?;
        if !(FEWEST_BYTES..BYTES).contains(&mac.len()) {
            return None;
        }
        let count = digits.len();
        let clause = format!("the signature was cut off after {count} of its 64 hex digits");
        with(mac, "signature_truncated", clause)
    }

    pub(super) fn is(&self, mac: &[u8]) -> bool {
        mac.starts_with(&self.mac)
    }

    pub(super) fn is_whole(&self) -> bool {
        self.mac.len() == BYTES
    }
}

fn documented_fault(text: &str, trimmed: &str) -> Option<Fault> {
    if text != trimmed {
        return Some(Fault::new(
            "signature_surrounded",
            "the signature was given with white space or quotes around it; it must be v1= and 64 digits, nothing else",
        ));
    }
    text.bytes().any(|byte| byte.is_ascii_uppercase()).then(|| {
        Fault::new(
            "signature_upper_case",
            "the signature has upper-case hex digits; the documented form is lower case, and compared as text",
        )
    })
}

/// What the text contains in base64: the whole, or behind a prefix.
fn in_base64(text: &str) -> impl Iterator<Item = Vec<u8>> {
    const MARKS: [char; 4] = ['=', ',', ':', ' '];
    let first = text.split_once(MARKS).map(|(_, rest)| rest);
    let last = text.rsplit_once(MARKS).map(|(_, rest)| rest);
    let word = text.split(' ').find_map(|word| word.strip_prefix("v1,"));
    let texts = [Some(text.trim()), first, word, last].into_iter().flatten();
    texts.filter_map(|text| from_base64(text.as_bytes()))
}

/// The time in `t=1734948000,v1=…`.
pub(super) fn time_in(signature: &str) -> Option<&str> {
    let mut fields = signature.split([',', ';']);
    fields.find_map(|field| {
        let (name, value) = field.trim().split_once('=')?;
        matches!(name, "t" | "ts" | "timestamp").then_some(value)
    })
}

/// The scheme of another provider, by the form of its signatures.
fn scheme(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let has = |prefix: &str| {
        text.split([',', ';', ' '])
            .any(|field| field.trim().starts_with(prefix))
    };
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| text.starts_with(prefix));
    #[rustfmt::skip]
    let schemes = [
        (has("t=") && (has("v1=") || has("v0=")), "Stripe's form (t=...,v1=...)"),
        (has("ts=") && has("h1="), "Paddle's form (ts=...;h1=...)"),
        (starts(&["sha256="]), "GitHub's form (sha256=...)"),
        (starts(&["sha1="]), "the form of GitHub's former X-Hub-Signature (sha1=...)"),
        (starts(&["v1,", "v1a,"]), "the form of Standard Webhooks and Svix (v1,BASE64)"),
        (starts(&["v0="]), "Slack's form (v0=...)"),
        (text.contains("keyId=") || text.contains("=:"), "the form of HTTP Message Signatures (RFC 9421)"),
        (starts(&["eyJ"]), "a JSON Web Token"),
        (starts(&["Bearer ", "Basic ", "HMAC "]), "the form of an Authorization header"),
    ];
    let mut found = schemes.into_iter().filter(|(is_it, _)| *is_it);
    found.next().map(|(_, name)| name)
}

/// Another algorithm, by the length of its signatures.
fn algorithm(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let mut runs = text.rsplit(|character: char| !character.is_ascii_hexdigit());
    let in_hex = runs.next().map_or(0, |digits| digits.len() / 2);
    let in_base64 = in_base64(text).map(|bytes| bytes.len());
    let mut lengths = [in_hex].into_iter().chain(in_base64);
    lengths.find_map(|length| {
        Some(match length {
            16 => "a signature of 128 bits, as those of HMAC-MD5",
            20 => "a signature of 160 bits, as those of HMAC-SHA1",
            28 => "a signature of 224 bits, as those of HMAC-SHA224",
            48 => "a signature of 384 bits, as those of HMAC-SHA384",
            64 => "a signature of 512 bits, as those of HMAC-SHA512 and Ed25519",
            _ => return None,
        })
    })
}

/// What a header without an HMAC-SHA256 has instead: another algorithm, or, unless
/// `only_algorithm`, the form of another scheme.
pub(super) fn other_kind(text: &str, only_algorithm: bool) -> Option<Fault> {
    let clause = match (algorithm(text), scheme(text)) {
        (Some(algorithm), scheme) => {
            let scheme = scheme.map(|scheme| format!(" and {scheme}"));
            let scheme = scheme.unwrap_or_default();
            format!(
                "the header has {algorithm}{scheme}; it must be HMAC-SHA256, as v1= and 64 lower-case hex digits"
            )
        }
        (None, Some(scheme)) if !only_algorithm => {
            format!("the signature has {scheme}; it must be v1= and 64 lower-case hex digits")
        }
        _ => return None,
    };
    Some(Fault::new("signature_malformed", clause))
}
