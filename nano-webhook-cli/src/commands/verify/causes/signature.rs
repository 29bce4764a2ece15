use super::{Fault, base64};

/// A signature as it was given, read in whatever form it is.
#[derive(Debug)]
pub(in super::super) struct Presented {
    /// Lower-case hex digits: all 64, or the first ones.
    digits: String,
    /// How the form differs from the documented one.
    pub(in super::super) fault: Option<Fault>,
}

const PREFIX: &str = "v1=";
const DIGITS: usize = 64;

/// Of a signature that was cut off, so many digits are enough to tell.
const FEWEST_DIGITS: usize = 16;

impl Presented {
    /// Finds the MAC in a text. `None` if there is nothing like one in it.
    pub(in super::super) fn read(text: &str) -> Option<Self> {
        let trimmed = text.trim().trim_matches(['"', '\'']).trim();
        if let Some(digits) = trimmed.strip_prefix(PREFIX)
            && is_mac(digits)
        {
            return Some(Self {
                fault: form_fault(text, trimmed, digits),
                digits: digits.to_ascii_lowercase(),
            });
        }
        read_hex(trimmed)
            .or_else(|| read_base64(trimmed))
            .or_else(|| read_truncated(trimmed))
    }

    /// Whether `signature`, `v1=` and 64 digits, is this one.
    pub(in super::super) fn is(&self, signature: &str) -> bool {
        signature
            .strip_prefix(PREFIX)
            .is_some_and(|digits| digits.starts_with(&self.digits))
    }
}

fn is_mac(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// For the right prefix and 64 digits.
fn form_fault(text: &str, trimmed: &str, digits: &str) -> Option<Fault> {
    if text != trimmed {
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
    }
}

/// A run of exactly 64 hex digits, with something else before it.
fn read_hex(text: &str) -> Option<Presented> {
    let digits = text
        .split(|character: char| !character.is_ascii_hexdigit())
        .find(|run| is_mac(run))?;
    let fault = match text.strip_suffix(digits) {
        Some("") => Fault::new(
            "signature_prefix",
            "the signature has no prefix; it must begin with v1=",
        ),
        // Only what looks like a prefix is quoted.
        Some(prefix) if prefix.len() <= 16 && prefix.chars().all(|c| c.is_ascii_graphic()) => {
            Fault::new(
                "signature_prefix",
                format!("the signature begins with {prefix}; it must begin with v1="),
            )
        }
        Some(_) => Fault::new(
            "signature_prefix",
            "the signature has something else before it than v1=",
        ),
        None => Fault::new(
            "signature_list",
            "the signature was given as part of a longer text; it must be v1= and 64 digits, nothing else",
        ),
    };
    Some(Presented {
        digits: digits.to_ascii_lowercase(),
        fault: Some(fault),
    })
}

fn read_base64(text: &str) -> Option<Presented> {
    let after_prefix = text
        .find(['=', ':', ','])
        .and_then(|position| text.get(position..)?.get(1..));
    let mac = [Some(text), after_prefix]
        .into_iter()
        .flatten()
        .filter_map(base64::decode)
        .find(|bytes| bytes.len() * 2 == DIGITS)?;
    Some(Presented {
        digits: hex::encode(mac),
        fault: Some(Fault::new(
            "signature_base64",
            "the signature is in base64; it must be v1= and lower-case hex digits",
        )),
    })
}

fn read_truncated(text: &str) -> Option<Presented> {
    let digits = text.strip_prefix(PREFIX).unwrap_or(text);
    let fits = (FEWEST_DIGITS..DIGITS).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| Presented {
        digits: digits.to_ascii_lowercase(),
        fault: Some(Fault::new(
            "signature_truncated",
            format!(
                "the signature was cut off after {} of its 64 hex digits",
                digits.len()
            ),
        )),
    })
}
