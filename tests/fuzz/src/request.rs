//! One delivery and the receiver that it meets, as the fuzzer's bytes say it.
//!
//! The form is as easy to write as to read, so that the conformance vectors can
//! be seeds. Numbers are little-endian, texts stand behind their length, and what
//! is missing is zero: every input is a request.

use std::time::Duration;

use arbitrary::{Result, Unstructured};

/// The names of headers, and some that a careless reader takes for them.
pub const NAMES: [&str; 10] = [
    "x-nano-timestamp",
    "x-nano-signature",
    "content-encoding",
    "content-length",
    "X-NANO-TIMESTAMP",
    "X-Nano-Signature",
    "Content-Encoding",
    "x-nano-timestamp ",
    "x_nano_signature",
    "x-nano-\u{17f}ignature",
];

/// Tolerances.
pub const BOUNDS: [Duration; 6] = [
    Duration::from_secs(300),
    Duration::ZERO,
    Duration::from_millis(1),
    Duration::from_secs(100_000_000),
    Duration::from_millis(u64::MAX),
    Duration::MAX,
];

/// The fuzzer's bytes, taken apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// Whether the receiver accepts re-serialised bodies.
    pub accept_reserialized: bool,
    /// Indices of [`BOUNDS`]: past and future.
    pub tolerance: [u8; 2],
    /// Zero stands for the default.
    pub max_body: u16,
    /// What time it is.
    pub clock: Clock,
    /// One to four.
    pub secrets: Vec<Vec<u8>>,
    /// At most seven: the index of a [name](NAMES), and a value.
    pub headers: Vec<(u8, Value)>,
    /// The lengths of the chunks in which the body comes, but for the last.
    pub chunks: Vec<u8>,
    /// All that is left.
    pub body: Vec<u8>,
}

/// The receiver's clock, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Clock {
    /// After the timestamp of the request.
    Relative(i64),
    /// Since 1970.
    At(u64),
}

impl Default for Clock {
    fn default() -> Self {
        Self::Relative(0)
    }
}

/// The value of a header.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// These bytes.
    Raw(Vec<u8>),
    /// A signature that the fuzzer could not guess.
    Signed(Signed),
}

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Signed {
    /// By which secret, modulo their number.
    pub secret: u8,
    /// Over the body's `JSON.stringify` text instead of the body.
    pub reserialized: bool,
    /// Which character is spoiled, modulo their number, ...
    pub place: u8,
    /// ... and in which bits. Zero: the signature is right.
    pub bits: u8,
}

const ACCEPT_RESERIALIZED: u8 = 1;
const CLOCK_AT: u8 = 2;
const RAW: u8 = 0;
const RESERIALIZED: u8 = 2;

impl Request {
    /// Reads the fuzzer's bytes.
    pub fn decode(data: &[u8]) -> Self {
        let mut input = Unstructured::new(data);
        Self::read(&mut input).expect("reading stops at nothing")
    }

    fn read(input: &mut Unstructured<'_>) -> Result<Self> {
        let options: u8 = input.arbitrary()?;
        let tolerance = [input.arbitrary()?, input.arbitrary()?];
        let max_body = input.arbitrary()?;
        let clock: u64 = input.arbitrary()?;
        let secrets = input.arbitrary::<u8>()? % 4 + 1;
        let secrets = (0..secrets).map(|_| bytes(input)).collect::<Result<_>>()?;
        let headers = input.arbitrary::<u8>()? % 8;
        let headers = (0..headers).map(|_| header(input)).collect::<Result<_>>()?;
        let chunks = bytes(input)?;
        Ok(Self {
            accept_reserialized: options & ACCEPT_RESERIALIZED != 0,
            tolerance,
            max_body,
            clock: match options & CLOCK_AT {
                0 => Clock::Relative(clock as i64),
                _ => Clock::At(clock),
            },
            secrets,
            headers,
            chunks,
            body: input.bytes(input.len())?.to_vec(),
        })
    }

    /// The bytes that are read as this. `None` if there are none, because of a
    /// number that is too large.
    pub fn encode(&self) -> Option<Vec<u8>> {
        let (clock, at) = match self.clock {
            Clock::Relative(millis) => (millis as u64, 0),
            Clock::At(millis) => (millis, CLOCK_AT),
        };
        let accept_reserialized = u8::from(self.accept_reserialized) * ACCEPT_RESERIALIZED;
        let mut bytes = vec![accept_reserialized | at];
        bytes.extend(self.tolerance);
        bytes.extend(self.max_body.to_le_bytes());
        bytes.extend(clock.to_le_bytes());
        bytes.push(u8::try_from(self.secrets.len()).ok()?.checked_sub(1)?);
        for secret in &self.secrets {
            write(&mut bytes, secret)?;
        }
        bytes.push(u8::try_from(self.headers.len()).ok()?);
        for (name, value) in &self.headers {
            bytes.push(*name);
            match value {
                Value::Raw(value) => {
                    bytes.push(RAW);
                    write(&mut bytes, value)?;
                }
                Value::Signed(signed) => {
                    let reserialized = u8::from(signed.reserialized) * RESERIALIZED;
                    bytes.extend([1 | reserialized, signed.secret, signed.place, signed.bits]);
                }
            }
        }
        write(&mut bytes, &self.chunks)?;
        bytes.extend(&self.body);
        (Self::decode(&bytes) == *self).then_some(bytes)
    }
}

fn header(input: &mut Unstructured<'_>) -> Result<(u8, Value)> {
    let name = input.arbitrary()?;
    let kind: u8 = input.arbitrary()?;
    let value = match kind & 1 {
        RAW => Value::Raw(bytes(input)?),
        _ => Value::Signed(Signed {
            reserialized: kind & RESERIALIZED != 0,
            secret: input.arbitrary()?,
            place: input.arbitrary()?,
            bits: input.arbitrary()?,
        }),
    };
    Ok((name, value))
}

fn bytes(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let len = usize::from(input.arbitrary::<u8>()?).min(input.len());
    input.bytes(len).map(<[u8]>::to_vec)
}

fn write(bytes: &mut Vec<u8>, text: &[u8]) -> Option<()> {
    bytes.push(u8::try_from(text.len()).ok()?);
    bytes.extend(text);
    Some(())
}
