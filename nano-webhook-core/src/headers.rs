use crate::error::WebhookError;
use crate::header_field::HeaderField;
use crate::timestamp::UnixTime;

/// The headers of a request, in whatever type a framework keeps them.
///
/// This is all that core asks of a framework. An adapter wraps its header map
/// and looks each [`HeaderField`] up by a static name; every occurrence must be
/// given, because a repeated header is refused (D5).
///
/// A slice of pairs implements it, for tests and for hosts without a framework:
///
/// ```
/// use nano_webhook_core::{HeaderField, RequestHeaders};
///
/// let headers = [("X-Nano-Timestamp", "1734948000"), ("Host", "localhost")];
/// let found: Vec<&[u8]> = headers.values(HeaderField::Timestamp).collect();
/// assert_eq!(found, [b"1734948000"]);
/// ```
pub trait RequestHeaders {
    /// Every value of this field, in the order of the request.
    fn values(&self, field: HeaderField) -> impl Iterator<Item = &[u8]>;
}

impl<N: AsRef<str>, V: AsRef<[u8]>> RequestHeaders for [(N, V)] {
    fn values(&self, field: HeaderField) -> impl Iterator<Item = &[u8]> {
        self.iter()
            .filter(move |(name, _)| name.as_ref().eq_ignore_ascii_case(field.name()))
            .map(|(_, value)| value.as_ref())
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, const COUNT: usize> RequestHeaders for [(N, V); COUNT] {
    fn values(&self, field: HeaderField) -> impl Iterator<Item = &[u8]> {
        self.as_slice().values(field)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> RequestHeaders for Vec<(N, V)> {
    fn values(&self, field: HeaderField) -> impl Iterator<Item = &[u8]> {
        self.as_slice().values(field)
    }
}

impl<H: RequestHeaders + ?Sized> RequestHeaders for &H {
    fn values(&self, field: HeaderField) -> impl Iterator<Item = &[u8]> {
        (**self).values(field)
    }
}

/// The two headers of a signature, each there exactly once and of its form.
pub(crate) struct SignatureHeaders {
    pub(crate) timestamp: TimestampText,
    pub(crate) tag: [u8; 32],
    pub(crate) signed_at: UnixTime,
}

impl SignatureHeaders {
    /// Duplicate, then missing, then malformed; the timestamp first.
    pub(crate) fn parse(headers: &impl RequestHeaders) -> Result<Self, WebhookError> {
        let timestamp = at_most_once(headers, HeaderField::Timestamp)?;
        let signature = at_most_once(headers, HeaderField::Signature)?;
        let timestamp = required(timestamp, HeaderField::Timestamp)?;
        let signature = required(signature, HeaderField::Signature)?;
        let signed_at = UnixTime::parse(timestamp)
            .map_err(|reason| WebhookError::MalformedTimestamp { reason })?;
        Ok(Self {
            timestamp: TimestampText::new(timestamp),
            tag: parse_signature(signature)
                .map_err(|reason| WebhookError::MalformedSignature { reason })?,
            signed_at,
        })
    }
}

/// The timestamp exactly as it was received, since that is what was signed: a
/// re-printed one would lose its leading zeros (D1).
pub(crate) struct TimestampText {
    bytes: [u8; Self::MAX],
    len: usize,
}

impl TimestampText {
    const MAX: usize = 20;

    fn new(text: &[u8]) -> Self {
        let mut bytes = [0; Self::MAX];
        for (slot, byte) in bytes.iter_mut().zip(text) {
            *slot = *byte;
        }
        Self {
            bytes,
            len: text.len().min(Self::MAX),
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

fn at_most_once(
    headers: &impl RequestHeaders,
    header: HeaderField,
) -> Result<Option<&[u8]>, WebhookError> {
    let mut values = headers.values(header);
    let first = values.next();
    match values.next() {
        None => Ok(first),
        Some(_) => Err(WebhookError::DuplicateHeader { header }),
    }
}

fn required(value: Option<&[u8]>, header: HeaderField) -> Result<&[u8], WebhookError> {
    value.ok_or(WebhookError::MissingHeader { header })
}

/// `Content-Encoding` must be absent or, once, `identity` in any case.
pub(crate) fn check_content_encoding(headers: &impl RequestHeaders) -> Result<(), WebhookError> {
    let mut values = headers.values(HeaderField::ContentEncoding);
    match (values.next(), values.next()) {
        (None, _) => Ok(()),
        (Some(only), None) if only.eq_ignore_ascii_case(b"identity") => Ok(()),
        _ => Err(WebhookError::UnsupportedContentEncoding),
    }
}

/// `Content-Length`, where it can be read. Whether it is well-formed and true is
/// the HTTP implementation's business; the bytes are counted all the same.
pub(crate) fn content_length(headers: &impl RequestHeaders) -> Option<u64> {
    let digits = headers.values(HeaderField::ContentLength).next()?;
    digits.iter().try_fold(0_u64, |length, byte| {
        let digit = byte.wrapping_sub(b'0');
        let tens = (digit <= 9).then(|| length.checked_mul(10))??;
        tens.checked_add(u64::from(digit))
    })
}

/// Exactly `v1=` and 64 lower-case hex digits (D3). The error says what usually
/// makes it something else.
fn parse_signature(value: &[u8]) -> Result<[u8; 32], &'static str> {
    let digits = value
        .strip_prefix(b"v1=")
        .ok_or("it does not begin with v1=")?;
    let digits: &[u8; 64] = digits
        .try_into()
        .map_err(|_| "it does not have exactly 64 characters after v1=")?;
    decode_hex(digits).ok_or("it has a character that is not a lower-case hex digit")
}

/// Strict lower-case hex. `hex::decode` takes upper case as well; and these
/// loops have no branch and read the digits in order, so the compiler turns them
/// into vector instructions.
fn decode_hex(digits: &[u8; 64]) -> Option<[u8; 32]> {
    let mut nibbles = [0; 64];
    let mut valid = true;
    for (slot, digit) in nibbles.iter_mut().zip(digits) {
        let (value, is_digit) = nibble(*digit);
        *slot = value;
        valid &= is_digit;
    }
    let mut bytes = [0; 32];
    let (fours, _) = bytes.as_chunks_mut::<4>();
    let (eights, _) = nibbles.as_chunks::<8>();
    for (four, eight) in fours.iter_mut().zip(eights) {
        *four = join_nibbles(u64::from_be_bytes(*eight)).to_be_bytes();
    }
    valid.then_some(bytes)
}

/// Eight nibbles, each in a byte of its own, moved together.
const fn join_nibbles(nibbles: u64) -> u32 {
    let bytes = (nibbles | nibbles >> 4) & 0x00ff_00ff_00ff_00ff;
    let pairs = (bytes | bytes >> 8) & 0x0000_ffff_0000_ffff;
    (pairs | pairs >> 16) as u32
}

const fn nibble(digit: u8) -> (u8, bool) {
    let decimal = digit.wrapping_sub(b'0');
    let letter = digit.wrapping_sub(b'a');
    let is_decimal = decimal < 10;
    let is_letter = letter < 6;
    let value = if is_decimal {
        decimal
    } else {
        letter.wrapping_add(10)
    };
    (value & 0x0f, is_decimal | is_letter)
}
