//! Re-serialises a body as ECMAScript does, byte for byte.

use std::fmt;

use indexmap::IndexMap;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The text that ECMAScript's `JSON.stringify(JSON.parse(body))` yields,
/// byte for byte.
///
/// The provider's documented check hashes that text and not the bytes on the
/// wire, so a body that a proxy has re-indented still has a valid signature over
/// it. The text is what was signed: the event must be read from it, never from
/// `body`.
///
/// # What changes
///
/// - White space between tokens goes.
/// - Members whose name is an array index (`0` to `4294967294`, no leading
///   zero) come first, in ascending order, then the others in the order in
///   which their names first appeared.
/// - Of members with equal names the last value stays, in the first one's
///   place. Names are compared after their escapes are read. `__proto__` is a
///   name like any other.
/// - Numbers are rounded to the nearest 64-bit float and written as
///   `Number::toString` writes it: `1E3` becomes `1000`, `-0` becomes `0`,
///   `1e400` becomes `null`, `12345678901234567890` becomes
///   `12345678901234567000`.
/// - In strings, `"`, `\` and the characters below U+0020 are escaped, with
///   `\b \t \n \f \r` or lower-case `\u00xx`. Everything else is literal.
///
/// # Differences from ECMAScript
///
/// This function also refuses:
///
/// - a `\u` escape of half a surrogate pair, even in a value that a later
///   duplicate replaces, because it has no UTF-8 form,
/// - arrays and objects nested more than 127 deep,
/// - a body that is not UTF-8,
/// - a text longer than `max_len` bytes.
///
/// # Cost
///
/// The caller bounds `body`. The text is at most 5.25 times as long (`1e20` is
/// written in 21 digits), and the heap peaks at less than 23 bytes for each byte
/// of the body. No choice of names makes the time quadratic. DESIGN.md has the
/// measured figures.
///
/// # Errors
///
/// [`ReserializeError`] if the body is refused.
///
/// # Examples
///
/// ```
/// use nano_webhook_core::reserialize;
///
/// let indented = br#"{ "event": "job.failed", "cost": 1.50, "2": "b", "1": "a" }"#;
/// assert_eq!(
///     reserialize(indented, 1024)?,
///     br#"{"1":"a","2":"b","event":"job.failed","cost":1.5}"#,
/// );
/// # Ok::<(), nano_webhook_core::ReserializeError>(())
/// ```
pub fn reserialize(body: &[u8], max_len: usize) -> Result<Vec<u8>, ReserializeError> {
    let text = std::str::from_utf8(body).map_err(ReserializeError::not_json)?;
    let output = stringify(text)
        .or_else(|_| stringify(&huge_numbers_as_null(text)))
        .map_err(ReserializeError::not_json)?;
    match output.len() <= max_len {
        true => Ok(output),
        false => Err(ReserializeError::TooLarge),
    }
}

/// Why a body cannot be re-serialised. It holds no part of the body, so it can be
/// logged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReserializeError {
    /// The body is not UTF-8, not JSON, nested too deep, or has half a surrogate
    /// pair in it.
    NotJson {
        /// Where and why the parser stopped.
        problem: String,
    },
    /// The text would be longer than the caller allows.
    TooLarge,
}

impl ReserializeError {
    fn not_json(error: impl fmt::Display) -> Self {
        Self::NotJson {
            problem: error.to_string(),
        }
    }
}

impl fmt::Display for ReserializeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { problem } => write!(f, "the body cannot be re-serialised: {problem}"),
            Self::TooLarge => f.write_str("the re-serialised text is too large"),
        }
    }
}

impl std::error::Error for ReserializeError {}

fn stringify(text: &str) -> serde_json::Result<Vec<u8>> {
    let mut output = Vec::with_capacity(text.len());
    let mut json = serde_json::Deserializer::from_str(text);
    Writer(&mut output).deserialize(&mut json)?;
    json.end()?;
    Ok(output)
}

/// Writes each value as soon as it is read. The members of an object are put in
/// order after the last one.
struct Writer<'o>(&'o mut Vec<u8>);

impl Writer<'_> {
    fn text<E>(self, text: &str) -> Result<(), E> {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn number<E>(self, number: f64) -> Result<(), E> {
        match number.is_finite() {
            true => self.text(ryu_js::Buffer::new().format_finite(number)),
            false => self.text("null"),
        }
    }

    /// serde_json escapes what `JSON.stringify` escapes, and in the same way.
    fn string<E: Error>(self, text: &str) -> Result<(), E> {
        serde_json::to_writer(self.0, text).map_err(E::custom)
    }

    fn close(self, bracket: u8) {
        if self.0.last() == Some(&b',') {
            self.0.pop();
        }
        self.0.push(bracket);
    }
}

impl<'de> DeserializeSeed<'de> for Writer<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Writer<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.text("null")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.text(if value { "true" } else { "false" })
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.number(number as f64)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.number(number as f64)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.number(number)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.string(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.0.push(b'[');
        while seq.next_element_seed(Writer(self.0))?.is_some() {
            self.0.push(b',');
        }
        self.close(b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let outside = self.0.len();
        self.0.push(b'{');
        let start = self.0.len();
        // For equal names, `insert` keeps the last value in the first one's place,
        // as ECMAScript does.
        let mut members = IndexMap::new();
        let mut must_move = false;
        while let Some(name) = map.next_key::<String>()? {
            if name == NUMBER_AS_TEXT && numbers_come_as_text() {
                self.0.truncate(outside);
                let number = map.next_value::<String>()?.parse();
                return self.number(number.map_err(A::Error::custom)?);
            }
            let at = self.0.len() - start;
            Writer(self.0).string(&name)?;
            self.0.push(b':');
            map.next_value_seed(Writer(self.0))?;
            self.0.push(b',');
            must_move |= array_index(&name).is_some();
            must_move |= members.insert(name, at..self.0.len() - start).is_some();
        }
        if must_move {
            // The sort is stable.
            members.sort_by_cached_key(|name, _| array_index(name).unwrap_or(u32::MAX));
            let written = self.0.split_off(start);
            for member in members.into_values() {
                self.0.extend(written.get(member).unwrap_or_default());
            }
        }
        self.close(b'}');
        Ok(())
    }
}

/// The array index that a name is: canonical decimal digits, at most 2^32 - 2.
fn array_index(name: &str) -> Option<u32> {
    let is_canonical = name == "0" || !name.starts_with(['0', '+']);
    let index = name.parse().ok().filter(|_| is_canonical);
    index.filter(|index| *index < u32::MAX)
}

/// The name under which serde_json yields a number's text if another crate in the
/// build enables its feature `arbitrary_precision`.
const NUMBER_AS_TEXT: &str = "$serde_json::private::Number";

fn numbers_come_as_text() -> bool {
    serde_json::from_str::<serde_json::Number>("1e999").is_ok()
}

/// Replaces each number beyond the range of a float, which serde_json refuses,
/// with `null`, as ECMAScript prints it.
fn huge_numbers_as_null(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let len = match first {
            '"' => string_len(rest),
            '-' | '0'..='9' => {
                let is_part =
                    |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
                rest.bytes().take_while(is_part).count()
            }
            other => other.len_utf8(),
        };
        let (token, after) = rest.split_at_checked(len).unwrap_or((rest, ""));
        output.push_str(if is_huge(token) { "null" } else { token });
        rest = after;
    }
    output
}

fn is_huge(token: &str) -> bool {
    token.parse().is_ok_and(f64::is_infinite) && serde_json::from_str::<IgnoredAny>(token).is_ok()
}

/// The length of the string literal that a text begins with.
fn string_len(text: &str) -> usize {
    let mut is_escaped = false;
    let closes = |byte| {
        let closes = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        closes
    };
    let len = text.bytes().skip(1).position(closes);
    len.map_or(text.len(), |len| len.saturating_add(2))
}
