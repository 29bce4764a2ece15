use super::{Fields, Found, HeaderField};
use crate::error::{Failure, WebhookError};
use crate::timestamp::UnixTime;

/// The two headers of a signature, each given exactly once and well-formed.
pub(crate) struct SignedHead {
    pub(crate) message_start: MessageStart,
    pub(crate) tag: [u8; 32],
    pub(crate) signed_at: UnixTime,
}

impl SignedHead {
    /// Duplicate, then missing, then malformed; the timestamp first.
    #[inline]
    pub(crate) fn parse(fields: &Fields<'_>) -> Result<Self, WebhookError> {
        let timestamp = at_most_once(fields.timestamp, HeaderField::Timestamp)?;
        let signature = at_most_once(fields.signature, HeaderField::Signature)?;
        let timestamp = required(timestamp, HeaderField::Timestamp)?;
        let signature = required(signature, HeaderField::Signature)?;
        let malformed = |header| move |reason| Failure::Malformed(header, reason);
        Ok(Self {
            signed_at: UnixTime::parse(timestamp).map_err(malformed(HeaderField::Timestamp))?,
            message_start: MessageStart::new(timestamp),
            tag: parse_signature(signature).map_err(malformed(HeaderField::Signature))?,
        })
    }
}

/// What the signed message begins with: the timestamp exactly as it was received
/// (printing it again would lose its leading zeros), and a dot.
pub(crate) struct MessageStart {
    bytes: [u8; Self::MAX],
    len: usize,
}

impl MessageStart {
    /// The longest timestamp, and the dot.
    const MAX: usize = 21;

    fn new(timestamp: &[u8]) -> Self {
        let mut bytes = [0; Self::MAX];
        let mut len = 0;
        if let Some((text, [dot, ..])) = bytes.split_at_mut_checked(timestamp.len()) {
            text.copy_from_slice(timestamp);
            *dot = b'.';
            len = timestamp.len().saturating_add(1);
        }
        Self { bytes, len }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

fn at_most_once(found: Found<'_>, header: HeaderField) -> Result<Option<&[u8]>, Failure> {
    match found {
        Found::Never => Ok(None),
        Found::Once(value) => Ok(Some(value)),
        Found::Repeated(_) => Err(Failure::Duplicate(header)),
    }
}

fn required(value: Option<&[u8]>, header: HeaderField) -> Result<&[u8], Failure> {
    value.ok_or(Failure::Missing(header))
}

/// Exactly `v1=` and 64 lower-case hex digits. The error says what is wrong.
fn parse_signature(value: &[u8]) -> Result<[u8; 32], &'static str> {
    let digits = value
        .strip_prefix(b"v1=")
        .ok_or("it does not begin with v1=")?;
    let digits: &[u8; 64] = digits
        .try_into()
        .map_err(|_| "it does not have exactly 64 characters after v1=")?;
    decode_hex(digits).ok_or("it has a character that is not a lower-case hex digit")
}

/// Strict lower-case hex: `hex::decode` takes upper case as well. These loops
/// have no branch and read the digits in order, so the compiler turns them into
/// vector instructions.
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
