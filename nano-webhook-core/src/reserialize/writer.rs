use lexical_parse_float::FromLexical;

use super::ReserializeError;
use super::offset::usize32;
use super::order::MemberOrder;
use super::reader::{Reader, Start};
use super::string::Piece;

/// An integer of no more digits than this is a float that is printed as it
/// stands: 10^15 is less than 2^53.
const EXACT_DIGITS: usize = 15;

/// The second pass: writes the document `text`, which `order` was made from.
pub(super) fn write(
    text: &str,
    order: &MemberOrder,
    max_len: usize,
) -> Result<Vec<u8>, ReserializeError> {
    let mut writer = Writer {
        reader: Reader::new(text, 0),
        order,
        output: Output {
            bytes: Vec::with_capacity(text.len().min(max_len)),
            max_len,
        },
    };
    writer.reader.skip_whitespace();
    writer.value()?;
    Ok(writer.output.bytes)
}

struct Writer<'a> {
    reader: Reader<'a>,
    order: &'a MemberOrder,
    output: Output,
}

impl Writer<'_> {
    /// Recurses no deeper than the first pass did.
    fn value(&mut self) -> Result<(), ReserializeError> {
        let offset = self.reader.offset();
        match self.reader.start()? {
            Start::Object => self.object(offset),
            Start::Array => self.array(),
            Start::String => self.string(),
            Start::Number(literal) => self.output.number(literal, offset),
            Start::Word(word) => self.output.push(word.as_bytes()),
        }
    }

    fn array(&mut self) -> Result<(), ReserializeError> {
        self.output.push(b"[")?;
        let mut first = true;
        while self.reader.next_item(first, b']')? {
            self.comma(&mut first)?;
            self.value()?;
        }
        self.output.push(b"]")
    }

    fn object(&mut self, start: usize) -> Result<(), ReserializeError> {
        self.output.push(b"{")?;
        let mut first = true;
        if let Some((members, end)) = self.order.of_object(start) {
            for member in members {
                self.reader.seek(usize32(*member));
                self.comma(&mut first)?;
                self.member()?;
            }
            self.reader.seek(end);
        } else {
            while self.reader.next_item(first, b'}')? {
                self.comma(&mut first)?;
                self.member()?;
            }
        }
        self.output.push(b"}")
    }

    fn member(&mut self) -> Result<(), ReserializeError> {
        self.string()?;
        self.reader.colon()?;
        self.output.push(b":")?;
        self.value()
    }

    fn comma(&mut self, first: &mut bool) -> Result<(), ReserializeError> {
        if std::mem::take(first) {
            Ok(())
        } else {
            self.output.push(b",")
        }
    }

    fn string(&mut self) -> Result<(), ReserializeError> {
        let output = &mut self.output;
        output.push(b"\"")?;
        self.reader.string(|piece| match piece {
            Piece::Plain(text) => output.push(text.as_bytes()),
            Piece::Escaped(char) => output.char(char),
        })?;
        output.push(b"\"")
    }
}

/// The text so far, never longer than `max_len`.
struct Output {
    bytes: Vec<u8>,
    max_len: usize,
}

impl Output {
    fn push(&mut self, bytes: &[u8]) -> Result<(), ReserializeError> {
        if bytes.len() > self.max_len - self.bytes.len() {
            return Err(ReserializeError::TooLarge);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// ECMAScript's `Number::toString`; `null` for what overflowed to infinity.
    fn number(&mut self, literal: &str, offset: usize) -> Result<(), ReserializeError> {
        if is_exact_integer(literal) {
            return self.push(literal.as_bytes());
        }
        // Not `str::parse`: it rounds as exactly, but takes thirty times as long
        // for literals of 20 digits made to lie between two floats.
        let value = f64::from_lexical(literal.as_bytes())
            .map_err(|_| ReserializeError::InvalidJson { offset })?;
        if value.is_finite() {
            self.push(ryu_js::Buffer::new().format_finite(value).as_bytes())
        } else {
            self.push(b"null")
        }
    }

    /// A character of a string, escaped if `JSON.stringify` escapes it.
    fn char(&mut self, char: char) -> Result<(), ReserializeError> {
        match char {
            '"' => self.push(b"\\\""),
            '\\' => self.push(b"\\\\"),
            '\u{8}' => self.push(b"\\b"),
            '\t' => self.push(b"\\t"),
            '\n' => self.push(b"\\n"),
            '\u{c}' => self.push(b"\\f"),
            '\r' => self.push(b"\\r"),
            '\0'..='\u{1f}' => {
                let (high, low) = (u32::from(char) / 16, u32::from(char) % 16);
                self.push(b"\\u00")?;
                self.digit(high)?;
                self.digit(low)
            }
            _ => self.literal(char),
        }
    }

    fn digit(&mut self, value: u32) -> Result<(), ReserializeError> {
        self.literal(char::from_digit(value, 16).unwrap_or_default())
    }

    fn literal(&mut self, char: char) -> Result<(), ReserializeError> {
        self.push(char.encode_utf8(&mut [0; 4]).as_bytes())
    }
}

fn is_exact_integer(literal: &str) -> bool {
    let digits = literal.strip_prefix('-').unwrap_or(literal);
    digits.len() <= EXACT_DIGITS
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && literal != "-0"
}
