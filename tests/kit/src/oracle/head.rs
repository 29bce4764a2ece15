/// What stands in the head of a request that may go on to its body.
#[derive(Debug)]
pub struct Head<'a> {
    pub timestamp: &'a [u8],
    pub signature: &'a str,
    pub signed_at_ms: u64,
}

/// What a receiver allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub now_ms: u64,
    pub past_ms: u64,
    pub future_ms: u64,
    pub max_body: usize,
}

/// Reads the head of a request; else says with which code it is rejected. The
/// order of the checks is part of the contract.
pub fn read<'a>(
    headers: &'a [(&'static str, Vec<u8>)],
    limits: &Limits,
) -> Result<Head<'a>, &'static str> {
    let values = |name: &str| -> Vec<&'a [u8]> {
        let named = headers
            .iter()
            .filter(|header| header.0.to_lowercase() == name);
        named.map(|(_, value)| value.as_slice()).collect()
    };
    let timestamps = values("x-nano-timestamp");
    let signatures = values("x-nano-signature");
    if timestamps.len() > 1 || signatures.len() > 1 {
        return Err("duplicate_header");
    }
    let ([timestamp], [signature]) = (&timestamps[..], &signatures[..]) else {
        return Err("missing_header");
    };
    let signed_at_ms = read_timestamp(timestamp).ok_or("malformed_timestamp")?;
    let signature = read_signature(signature).ok_or("malformed_signature")?;

    let now = i128::from(limits.now_ms);
    let window = now - i128::from(limits.past_ms)..=now + i128::from(limits.future_ms);
    if !window.contains(&i128::from(signed_at_ms)) {
        return Err("timestamp_out_of_tolerance");
    }
    match &values("content-encoding")[..] {
        [] => {}
        [encoding] if encoding.eq_ignore_ascii_case(b"identity") => {}
        _ => return Err("unsupported_content_encoding"),
    }
    let announced = values("content-length")
        .first()
        .and_then(|length| String::from_utf8_lossy(length).parse::<u64>().ok());
    if announced.is_some_and(|length| u128::from(length) > limits.max_body as u128) {
        return Err("body_too_large");
    }
    Ok(Head {
        timestamp,
        signature,
        signed_at_ms,
    })
}

/// Its milliseconds, if it is a timestamp.
pub fn read_timestamp(value: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(value).ok()?;
    if text.len() > 20 || text.contains(|char: char| !char.is_ascii_digit()) {
        return None;
    }
    let value: u64 = text.parse().ok()?;
    let is_seconds = value < 100_000_000_000;
    Some(if is_seconds { value * 1000 } else { value })
}

fn read_signature(value: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(value).ok()?;
    let digits = text.strip_prefix("v1=")?;
    let lower_hex = digits.chars().all(|char| "0123456789abcdef".contains(char));
    (digits.len() == 64 && lower_hex).then_some(text)
}
