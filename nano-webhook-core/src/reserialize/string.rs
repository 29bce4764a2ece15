use super::ReserializeError;
use super::reader::Reader;

/// A part of a string, in the order in which it is read.
pub(super) enum Piece<'a> {
    /// Characters that stand for themselves, in ECMAScript's output as well.
    Plain(&'a str),
    /// What an escape stands for.
    Escaped(char),
}

impl<'a> Reader<'a> {
    /// Reads a string, quotes included, and hands its content to `sink`.
    pub(super) fn string(
        &mut self,
        mut sink: impl FnMut(Piece<'a>) -> Result<(), ReserializeError>,
    ) -> Result<(), ReserializeError> {
        self.expect(b'"')?;
        loop {
            let plain = self.plain();
            if !plain.is_empty() {
                sink(Piece::Plain(plain))?;
            }
            match self.peek() {
                Some(b'"') => {
                    self.skip(1);
                    return Ok(());
                }
                Some(b'\\') => {
                    let char = self.escape()?;
                    sink(Piece::Escaped(char))?;
                }
                _ => return Err(self.invalid()),
            }
        }
    }

    /// Reads as many characters as there are before the next that is special.
    fn plain(&mut self) -> &'a str {
        let rest = self.rest();
        let plain = rest
            .bytes()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
            .and_then(|len| rest.get(..len))
            .unwrap_or(rest);
        self.skip(plain.len());
        plain
    }

    /// Reads an escape, or the two that make a surrogate pair.
    fn escape(&mut self) -> Result<char, ReserializeError> {
        let offset = self.offset();
        self.expect(b'\\')?;
        let char = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b't') => '\t',
            Some(b'n') => '\n',
            Some(b'f') => '\u{c}',
            Some(b'r') => '\r',
            Some(b'u') => {
                let char = self.utf16()?;
                return char.ok_or(ReserializeError::LoneSurrogate { offset });
            }
            _ => return Err(self.invalid()),
        };
        self.skip(1);
        Ok(char)
    }

    /// Reads a `\u` escape whose backslash was read, and a second one if the
    /// first is a high surrogate. `None`: they do not make a character.
    fn utf16(&mut self) -> Result<Option<char>, ReserializeError> {
        let first = self.code_unit()?;
        let is_high = (0xd800..=0xdbff).contains(&first);
        if !is_high {
            return Ok(char::from_u32(first.into()));
        }
        if !self.rest().starts_with("\\u") {
            return Ok(None);
        }
        self.skip(1);
        let second = self.code_unit()?;
        Ok(char::decode_utf16([first, second])
            .next()
            .and_then(Result::ok))
    }

    /// Reads `u` and four hexadecimal digits of either case.
    fn code_unit(&mut self) -> Result<u16, ReserializeError> {
        self.expect(b'u')?;
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            unit = unit * 16 + digit.ok_or_else(|| self.invalid())?;
            self.skip(1);
        }
        // Four digits fit.
        u16::try_from(unit).map_err(|_| self.invalid())
    }
}
