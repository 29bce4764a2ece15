use bytes::Bytes;
use clap::ValueEnum;

/// What is changed after it was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tamper {
    /// The last letter or digit of the body
    Body,
    /// The last digit of the signature
    Signature,
    /// The timestamp, by a second
    Timestamp,
}

impl Tamper {
    pub(super) fn apply(self, timestamp: &mut String, signature: &mut String, body: &mut Bytes) {
        match self {
            Self::Body => *body = tampered_body(body),
            Self::Signature => *signature = tampered_signature(signature),
            Self::Timestamp => {
                *timestamp = match timestamp.parse::<u64>() {
                    Ok(number) => number.saturating_add(1).to_string(),
                    Err(_) => format!("{timestamp}0"),
                };
            }
        }
    }
}

/// Still JSON if it was, so that nothing but the signature can tell.
fn tampered_body(body: &Bytes) -> Bytes {
    let mut changed = body.to_vec();
    match changed
        .iter_mut()
        .rfind(|byte| byte.is_ascii_alphanumeric())
    {
        Some(byte) => *byte = next(*byte),
        None => changed.push(b' '),
    }
    changed.into()
}

fn tampered_signature(signature: &str) -> String {
    let mut changed = signature.to_owned();
    match changed.pop() {
        Some('0') => changed.push('1'),
        _ => changed.push('0'),
    }
    changed
}

/// Another one of the same kind.
const fn next(byte: u8) -> u8 {
    match byte {
        b'9' => b'8',
        b'z' => b'y',
        b'Z' => b'Y',
        other => other + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::Tamper;
    use bytes::Bytes;

    #[test]
    fn each_changes_its_own() {
        for (what, timestamp, signature, body) in [
            (Tamper::Body, "1734948000", "v1=a0", r#"{"a":"01Y"}"#),
            (Tamper::Signature, "1734948000", "v1=a1", r#"{"a":"01Z"}"#),
            (Tamper::Timestamp, "1734948001", "v1=a0", r#"{"a":"01Z"}"#),
        ] {
            let mut changed = (
                "1734948000".to_owned(),
                "v1=a0".to_owned(),
                Bytes::from(r#"{"a":"01Z"}"#),
            );
            what.apply(&mut changed.0, &mut changed.1, &mut changed.2);
            assert_eq!(
                (changed.0.as_str(), changed.1.as_str(), &*changed.2),
                (timestamp, signature, body.as_bytes())
            );
        }
    }

    #[test]
    fn there_is_always_something_to_change() {
        for body in ["", "{}", "é"] {
            let mut changed = Bytes::from(body);
            Tamper::Body.apply(&mut String::new(), &mut String::new(), &mut changed);
            assert_ne!(changed, body);
        }
    }
}
