use crate::error::WebhookError;
use crate::header_field::HeaderField;
use crate::timestamp::UnixTime;

/// The headers of a request, in whatever type a framework keeps them.
///
/// This is all that core asks of a framework: an adapter wraps its header map.
/// Which headers matter, and what becomes of a repeated one, is decided here.
///
/// A slice of pairs implements it, for tests and for hosts without a framework:
///
/// ```
/// use nano_webhook_core::RequestHeaders;
///
/// let headers = [("X-Nano-Timestamp", "1734948000"), ("Host", "localhost")];
/// let (name, value) = headers.field_lines().next().unwrap();
/// assert_eq!((name, value), ("X-Nano-Timestamp", b"1734948000".as_slice()));
/// ```
pub trait RequestHeaders {
    /// Every field line of the request (RFC 9110, 5.2): a name, in any case, and
    /// a value. A header that is repeated comes as often as it is there.
    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])>;
}

impl<N: AsRef<str>, V: AsRef<[u8]>> RequestHeaders for [(N, V)] {
    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        (self.iter()).map(|(name, value)| (name.as_ref(), value.as_ref()))
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, const COUNT: usize> RequestHeaders for [(N, V); COUNT] {
    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.as_slice().field_lines()
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> RequestHeaders for Vec<(N, V)> {
    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.as_slice().field_lines()
    }
}

impl<H: RequestHeaders + ?Sized> RequestHeaders for &H {
    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        (**self).field_lines()
    }
}

/// The headers that the verdict depends on, found in one pass over all of them.
#[derive(Default)]
pub(crate) struct Fields<'a> {
    timestamp: Found<'a>,
    signature: Found<'a>,
    content_encoding: Found<'a>,
    content_length: Found<'a>,
}

/// How often a header is there, and what it says first.
#[derive(Clone, Copy, Default)]
enum Found<'a> {
    #[default]
    Never,
    Once(&'a [u8]),
    Repeated(&'a [u8]),
}

impl<'a> Fields<'a> {
    #[inline]
    pub(crate) fn find(headers: &'a impl RequestHeaders) -> Self {
        let mut fields = Self::default();
        for (name, value) in headers.field_lines() {
            let found = match HeaderField::named(name) {
                Some(HeaderField::Timestamp) => &mut fields.timestamp,
                Some(HeaderField::Signature) => &mut fields.signature,
                Some(HeaderField::ContentEncoding) => &mut fields.content_encoding,
                Some(HeaderField::ContentLength) => &mut fields.content_length,
                None => continue,
            };
            *found = match *found {
                Found::Never => Found::Once(value),
                Found::Once(first) | Found::Repeated(first) => Found::Repeated(first),
            };
        }
        fields
    }

    /// `Content-Encoding` must be absent or, once, `identity` in any case.
    pub(crate) fn check_content_encoding(&self) -> Result<(), WebhookError> {
        match self.content_encoding {
            Found::Never => Ok(()),
            Found::Once(only) if only.eq_ignore_ascii_case(b"identity") => Ok(()),
            _ => Err(WebhookError::UnsupportedContentEncoding),
        }
    }

    /// `Content-Length`, where it can be read. Whether it is well-formed and true
    /// is the HTTP implementation's business; the bytes are counted all the same.
    pub(crate) fn content_length(&self) -> Option<u64> {
        let (Found::Once(digits) | Found::Repeated(digits)) = self.content_length else {
            return None;
        };
        digits.iter().try_fold(0_u64, |length, byte| {
            let digit = byte.wrapping_sub(b'0');
            let tens = (digit <= 9).then(|| length.checked_mul(10))??;
            tens.checked_add(u64::from(digit))
        })
    }
}

/// The two headers of a signature, each there exactly once and of its form.
pub(crate) struct SignatureHeaders {
    pub(crate) message_start: MessageStart,
    pub(crate) tag: [u8; 32],
    pub(crate) signed_at: UnixTime,
}

impl SignatureHeaders {
    /// Duplicate, then missing, then malformed; the timestamp first.
    #[inline]
    pub(crate) fn parse(fields: &Fields<'_>) -> Result<Self, WebhookError> {
        let timestamp = at_most_once(fields.timestamp, HeaderField::Timestamp)?;
        let signature = at_most_once(fields.signature, HeaderField::Signature)?;
        let timestamp = required(timestamp, HeaderField::Timestamp)?;
        let signature = required(signature, HeaderField::Signature)?;
        let signed_at = UnixTime::parse(timestamp)
            .map_err(|reason| WebhookError::MalformedTimestamp { reason })?;
        Ok(Self {
            message_start: MessageStart::new(timestamp),
            tag: parse_signature(signature)
                .map_err(|reason| WebhookError::MalformedSignature { reason })?,
            signed_at,
        })
    }
}

/// What the signed message begins with: the timestamp exactly as it was received
/// (a re-printed one would lose its leading zeros), and a dot (D1).
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
        if let Some((text, dot)) = bytes.split_at_mut_checked(timestamp.len()) {
            text.copy_from_slice(timestamp);
            if let Some(dot) = dot.first_mut() {
                *dot = b'.';
                len = timestamp.len().saturating_add(1);
            }
        }
        Self { bytes, len }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

fn at_most_once(found: Found<'_>, header: HeaderField) -> Result<Option<&[u8]>, WebhookError> {
    match found {
        Found::Never => Ok(None),
        Found::Once(value) => Ok(Some(value)),
        Found::Repeated(_) => Err(WebhookError::DuplicateHeader { header }),
    }
}

fn required(value: Option<&[u8]>, header: HeaderField) -> Result<&[u8], WebhookError> {
    value.ok_or(WebhookError::MissingHeader { header })
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
