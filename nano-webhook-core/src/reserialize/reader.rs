use super::ReserializeError;

/// A place in a JSON text, and the grammar of RFC 8259 (which is that of
/// `JSON.parse`) from there on.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

/// How a value starts. Scalars without content of their own are read whole.
pub(super) enum Start<'a> {
    /// `{` was read.
    Object,
    /// `[` was read.
    Array,
    /// A string is next, its `"` not yet read.
    String,
    /// A number's whole literal.
    Number(&'a str),
    /// `true`, `false` or `null`.
    Word(&'static str),
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    pub(super) fn offset(&self) -> usize {
        self.at
    }

    pub(super) fn seek(&mut self, at: usize) {
        self.at = at;
    }

    /// All that is unread.
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Moves over `len` bytes.
    pub(super) fn skip(&mut self, len: usize) {
        self.at += len;
    }

    /// The next byte, unread.
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn skip_whitespace(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Reads the start of a value and says what it is.
    pub(super) fn start(&mut self) -> Result<Start<'a>, ReserializeError> {
        match self.peek() {
            Some(b'{') => {
                self.at += 1;
                Ok(Start::Object)
            }
            Some(b'[') => {
                self.at += 1;
                Ok(Start::Array)
            }
            Some(b'"') => Ok(Start::String),
            Some(b'-' | b'0'..=b'9') => self.number().map(Start::Number),
            Some(b't') => self.word("true").map(Start::Word),
            Some(b'f') => self.word("false").map(Start::Word),
            Some(b'n') => self.word("null").map(Start::Word),
            _ => Err(self.invalid()),
        }
    }

    /// Moves to the next element of an array or member of an object, over the
    /// comma if it is not the first. `false`: `close` was read instead.
    pub(super) fn next_item(&mut self, first: bool, close: u8) -> Result<bool, ReserializeError> {
        self.skip_whitespace();
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(false)
            }
            Some(b',') if !first => {
                self.at += 1;
                self.skip_whitespace();
                Ok(true)
            }
            _ if first => Ok(true),
            _ => Err(self.invalid()),
        }
    }

    /// Moves over the colon between a member's name and its value.
    pub(super) fn colon(&mut self) -> Result<(), ReserializeError> {
        self.skip_whitespace();
        self.expect(b':')?;
        self.skip_whitespace();
        Ok(())
    }

    /// Nothing but white space may follow.
    pub(super) fn finish(&mut self) -> Result<(), ReserializeError> {
        self.skip_whitespace();
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.invalid()),
        }
    }

    fn number(&mut self) -> Result<&'a str, ReserializeError> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    /// Reads one digit or more.
    fn digits(&mut self) -> Result<(), ReserializeError> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.invalid());
        }
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        Ok(())
    }

    fn word(&mut self, word: &'static str) -> Result<&'static str, ReserializeError> {
        for byte in word.bytes() {
            self.expect(byte)?;
        }
        Ok(word)
    }

    /// Moves over `byte`, which must be next.
    pub(super) fn expect(&mut self, byte: u8) -> Result<(), ReserializeError> {
        if self.peek() != Some(byte) {
            return Err(self.invalid());
        }
        self.at += 1;
        Ok(())
    }

    /// The error that nothing which is next is JSON here.
    pub(super) fn invalid(&self) -> ReserializeError {
        ReserializeError::InvalidJson { offset: self.at }
    }
}
