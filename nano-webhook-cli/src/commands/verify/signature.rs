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
        let of = scheme(text).map(|scheme| format!(", but it has {scheme}"));
        let of = of.unwrap_or_default();
        let whole = |digits: &str| hex::decode(digits).ok().filter(|mac| mac.len() == BYTES);
        let mut runs = trimmed.split(|character: char| !character.is_ascii_hexdigit());
        let with = |mac, code, clause: String| {
            let fault = Some(Fault::new(code, clause));
            Some(Self { mac, fault })
        };
        if let Some((digits, mac)) = runs.find_map(|run| Some((run, whole(run)?))) {
            let before = trimmed.strip_suffix(digits);
            if before == Some(PREFIX) {
                let fault = documented_fault(text, trimmed);
                return Some(Self { mac, fault });
            }
            let (code, clause) = misplaced(before);
            return with(mac, code, clause + &of);
        }
        if let Some(mac) = in_base64(trimmed).find(|bytes| bytes.len() == BYTES) {
            let clause =
                format!("the signature is in base64; it must be v1= and lower-case hex digits{of}");
            return with(mac, "signature_base64", clause);
        }
        let digits = trimmed.strip_prefix(PREFIX).unwrap_or(trimmed);
        let mac = hex::decode(digits.get(..digits.len() & !1)?).ok();
        let mac = mac.filter(|mac| (FEWEST_BYTES..BYTES).contains(&mac.len()))?;
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
    const SURROUNDED: &str = "the signature was given with white space or quotes around it; it must be v1= and 64 digits, nothing else";
    const UPPER_CASE: &str = "the signature has upper-case hex digits; the documented form is lower case, and compared as text";
    if text != trimmed {
        return Some(Fault::new("signature_surrounded", SURROUNDED));
    }
    let is_upper = text.bytes().any(|byte| byte.is_ascii_uppercase());
    is_upper.then(|| Fault::new("signature_upper_case", UPPER_CASE))
}

/// The code and the clause for other text before the digits, or, if it is `None`, after
/// them.
fn misplaced(before: Option<&str>) -> (&'static str, String) {
    const LIST: &str = "the signature was given as part of a longer text; it must be v1= and 64 digits, nothing else";
    // Only what looks like a prefix is quoted.
    let is_prefix = |text: &str| text.len() <= 16 && text.chars().all(|c| c.is_ascii_graphic());
    let what = match before {
        None => return ("signature_list", LIST.to_owned()),
        Some("") => "has no prefix; it must begin with v1=".to_owned(),
        Some(text) if is_prefix(text) => format!("begins with {text}; it must begin with v1="),
        Some(_) => "has other text than v1= before it".to_owned(),
    };
    ("signature_prefix", format!("the signature {what}"))
}

/// What a text contains in base64: the whole, or behind a prefix.
fn in_base64(text: &str) -> impl Iterator<Item = Vec<u8>> {
    let marks = text.match_indices(['=', ',', ':', ' ']);
    let starts = [0].into_iter().chain(marks.map(|(mark, _)| mark + 1));
    let texts = starts.filter_map(|start| text.get(start..)?.split(' ').next());
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

/// What signatures of other schemes contain, with a space in place of other separators.
#[rustfmt::skip]
const SCHEMES: &[(&[&str], &str)] = &[
    (&[" t=", " v1="], "Stripe's form (t=...,v1=...)"),
    (&[" t=", " v0="], "Stripe's form (t=...,v1=...)"),
    (&[" ts=", " h1="], "Paddle's form (ts=...;h1=...)"),
    (&[" sha256="], "GitHub's form (sha256=...)"),
    (&[" sha1="], "the form of GitHub's former X-Hub-Signature (sha1=...)"),
    (&[" v1 "], "the form of Standard Webhooks and Svix (v1,BASE64)"),
    (&[" v1a "], "the form of Standard Webhooks and Svix (v1,BASE64)"),
    (&[" v0="], "Slack's form (v0=...)"),
    (&["keyId="], "the form of HTTP Message Signatures (RFC 9421)"),
    (&["=:"], "the form of HTTP Message Signatures (RFC 9421)"),
    (&[" eyJ"], "a JSON Web Token"),
    (&[" Bearer "], "the form of an Authorization header"),
    (&[" Basic "], "the form of an Authorization header"),
    (&[" HMAC "], "the form of an Authorization header"),
];

fn scheme(text: &str) -> Option<&'static str> {
    let text = format!(" {}", text.trim().replace([',', ';'], " "));
    let is_it = |marks: &[&str]| marks.iter().all(|mark| text.contains(mark));
    let scheme = SCHEMES.iter().find(|(marks, _)| is_it(marks));
    scheme.map(|(_, name)| *name)
}

/// Another algorithm, by the length of its signatures.
fn algorithm(text: &str) -> Option<String> {
    let text = text.trim();
    let mut runs = text.rsplit(|character: char| !character.is_ascii_hexdigit());
    let in_hex = runs.next().map(|digits| digits.len() / 2);
    let in_base64 = in_base64(text).map(|bytes| bytes.len());
    let mut lengths = in_hex.into_iter().chain(in_base64);
    lengths.find_map(|length| {
        let name = match length {
            16 => "HMAC-MD5",
            20 => "HMAC-SHA1",
            28 => "HMAC-SHA224",
            48 => "HMAC-SHA384",
            64 => "HMAC-SHA512 and Ed25519",
            _ => return None,
        };
        let bits = 8 * length;
        Some(format!("a signature of {bits} bits, as those of {name}"))
    })
}

/// What a header without an HMAC-SHA256 has instead: another algorithm, or, unless
/// `only_algorithm`, the form of another scheme.
pub(super) fn other_kind(text: &str, only_algorithm: bool) -> Option<Fault> {
    const FORM: &str = "v1= and 64 lower-case hex digits";
    let clause = match (algorithm(text), scheme(text)) {
        (Some(algorithm), scheme) => {
            let scheme = scheme.map(|scheme| format!(" and {scheme}"));
            let scheme = scheme.unwrap_or_default();
            format!("the header has {algorithm}{scheme}; it must be HMAC-SHA256, as {FORM}")
        }
        (None, Some(scheme)) if !only_algorithm => {
            format!("the signature has {scheme}; it must be {FORM}")
        }
        _ => return None,
    };
    Some(Fault::new("signature_malformed", clause))
}
