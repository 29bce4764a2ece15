use std::ops::Range;

/// A JSON document (RFC 8259) that keeps what readers usually lose: the order of
/// members, repeated names, numbers as they are written.
#[derive(Debug)]
pub enum Json<'a> {
    Null,
    Bool(bool),
    /// A number as it is written.
    Number(&'a str),
    String(Text),
    Array(Vec<Json<'a>>),
    Object(Vec<(Text, Json<'a>)>),
}

/// A string, or `None` if half of a surrogate pair is escaped in it.
pub type Text = Option<String>;

impl<'a> Json<'a> {
    /// `None`: this is not JSON.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parser = Parser { text, at: 0 };
        parser.space();
        let value = parser.value()?;
        parser.space();
        parser.left().is_empty().then_some(value)
    }

    pub fn depth(&self) -> usize {
        let deepest = match self {
            Self::Array(items) => items.iter().map(Self::depth).max(),
            Self::Object(members) => members.iter().map(|(_, value)| value.depth()).max(),
            _ => return 0,
        };
        1 + deepest.unwrap_or_default()
    }

    /// Whether half of a surrogate pair is escaped anywhere in it.
    pub fn has_lone_surrogate(&self) -> bool {
        match self {
            Self::String(text) => text.is_none(),
            Self::Array(items) => items.iter().any(Self::has_lone_surrogate),
            Self::Object(members) => members
                .iter()
                .any(|(name, value)| name.is_none() || value.has_lone_surrogate()),
            _ => false,
        }
    }

    /// Unless it is `null`.
    pub fn first(&self, name: &str) -> Option<&Json<'a>> {
        let first = self.members(name).first().copied();
        first.filter(|value| !matches!(value, Self::Null))
    }

    pub fn members(&self, name: &str) -> Vec<&Json<'a>> {
        let Self::Object(members) = self else {
            return Vec::new();
        };
        members
            .iter()
            .filter(|(candidate, _)| candidate.as_deref() == Some(name))
            .map(|(_, value)| value)
            .collect()
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::String(text) => text.as_deref(),
            _ => None,
        }
    }
}

/// The nearest double, by the standard library.
pub fn to_f64(literal: &str) -> f64 {
    literal
        .parse()
        .expect("the parser let only numbers through")
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn left(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn eat(&mut self, token: &str) -> Option<()> {
        self.left()
            .starts_with(token)
            .then(|| self.at += token.len())
    }

    fn eat_while(&mut self, belongs: impl Fn(char) -> bool) -> Range<usize> {
        let start = self.at;
        let rest = self.left();
        self.at += rest.find(|char| !belongs(char)).unwrap_or(rest.len());
        start..self.at
    }

    fn space(&mut self) {
        self.eat_while(|char| matches!(char, ' ' | '\t' | '\n' | '\r'));
    }

    fn value(&mut self) -> Option<Json<'a>> {
        match self.left().chars().next()? {
            'n' => self.eat("null").map(|()| Json::Null),
            't' => self.eat("true").map(|()| Json::Bool(true)),
            'f' => self.eat("false").map(|()| Json::Bool(false)),
            '"' => self.string().map(Json::String),
            '[' => self.list('[', ']', Self::value).map(Json::Array),
            '{' => self.list('{', '}', Self::member).map(Json::Object),
            _ => self.number().map(Json::Number),
        }
    }

    fn list<T>(
        &mut self,
        open: char,
        close: char,
        item: impl Fn(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut buffer = [0; 1];
        self.eat(open.encode_utf8(&mut buffer))?;
        let close = close.encode_utf8(&mut buffer);
        let mut items = Vec::new();
        self.space();
        if self.eat(close).is_some() {
            return Some(items);
        }
        loop {
            self.space();
            items.push(item(self)?);
            self.space();
            if self.eat(close).is_some() {
                return Some(items);
            }
            self.eat(",")?;
        }
    }

    fn member(&mut self) -> Option<(Text, Json<'a>)> {
        let name = self.string()?;
        self.space();
        self.eat(":")?;
        self.space();
        Some((name, self.value()?))
    }

    fn number(&mut self) -> Option<&'a str> {
        let start = self.at;
        let _ = self.eat("-");
        let whole = self.digits()?;
        if whole.len() > 1 && whole.starts_with('0') {
            return None;
        }
        if self.eat(".").is_some() {
            self.digits()?;
        }
        if self.eat("e").or_else(|| self.eat("E")).is_some() {
            let _ = self.eat("+").or_else(|| self.eat("-"));
            self.digits()?;
        }
        Some(&self.text[start..self.at])
    }

    fn digits(&mut self) -> Option<&'a str> {
        let digits = self.eat_while(|char| char.is_ascii_digit());
        (!digits.is_empty()).then(|| &self.text[digits])
    }

    fn string(&mut self) -> Option<Text> {
        self.eat("\"")?;
        let mut units = Vec::new();
        loop {
            let char = self.left().chars().next()?;
            self.at += char.len_utf8();
            match char {
                '"' => return Some(String::from_utf16(&units).ok()),
                '\\' => units.push(self.escape()?),
                '\0'..='\u{1f}' => return None,
                _ => units.extend_from_slice(char.encode_utf16(&mut [0; 2])),
            }
        }
    }

    fn escape(&mut self) -> Option<u16> {
        let kind = self.left().chars().next()?;
        self.at += kind.len_utf8();
        Some(match kind {
            '"' | '\\' | '/' => kind as u16,
            'b' => 8,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'u' => {
                let digits = self.left().get(..4)?;
                if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return None;
                }
                self.at += 4;
                u16::from_str_radix(digits, 16).ok()?
            }
            _ => return None,
        })
    }
}
