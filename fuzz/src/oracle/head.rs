/// What stands in the head of a request that may go on to its body.
pub(crate) struct Head<'a> {
    pub(crate) timestamp: &'a [u8],
    pub(crate) signature: &'a str,
    pub(crate) signed_at_ms: u64,
}

/// The receiver's side of it.
pub(crate) struct Limits {
    pub(crate) now_ms: u64,
    pub(crate) past_ms: u64,
    pub(crate) future_ms: u64,
    pub(crate) max_body: usize,
}

/// Reads the head of a request; else says with which code it is refused. The
/// order of the checks is part of the contract.
pub(crate) fn read<'a>(
    headers: &'a [(&'static str, Vec<u8>)],
    limits: &Limits,
) -> Result<Head<'a>, &'static str> {
    let values = |name: &str| -> Vec<&'a [u8]> {
        headers
            .iter()
            .filter(|(candidate, _)| candidate.to_lowercase() == name)
            .map(|(_, value)| value.as_slice())
            .collect()
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

    let [signed_at, now, past, future] = [
        signed_at_ms,
        limits.now_ms,
        limits.past_ms,
        limits.future_ms,
    ]
    .map(i128::from);
    if !(now - past..=now + future).contains(&signed_at) {
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

pub(crate) fn read_timestamp(value: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(value).ok()?;
    if text.len() > 20 || text.contains(|char: char| !char.is_ascii_digit()) {
        return None;
    }
    let value: u64 = text.parse().ok()?;
    Some(if value < 100_000_000_000 {
        value * 1000
    } else {
        value
    })
}

fn read_signature(value: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(value).ok()?;
    let digits = text.strip_prefix("v1=")?;
    let lower_hex = digits.chars().all(|char| "0123456789abcdef".contains(char));
    (digits.len() == 64 && lower_hex).then_some(text)
}
