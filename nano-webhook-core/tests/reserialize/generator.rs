//! Documents that exercise what the re-serialiser has to get right: spellings of
//! strings and numbers, names that collide or sort, white space, damage.

/// SplitMix64 and what is made of it. Equal seeds make equal documents.
pub(crate) struct Generator {
    state: u64,
}

/// Names that some implementation treats in a way of its own.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "", "a", "b", "ab", "event", "task_id", "data", "url", "__proto__", "constructor", "prototype",
    "toJSON", "length", "hasOwnProperty", "valueOf", "0", "1", "2", "9", "10", "11", "99", "00",
    "01", "-0", "-1", "1.0", "1e3", "0x1", " 1", "NaN", "Infinity", "2147483646", "2147483647",
    "2147483648", "4294967293", "4294967294", "4294967295", "4294967296", "4294967297",
    "8589934592", "9007199254740991", "9007199254740992", "18446744073709551615",
    "18446744073709551616", "99999999999999999999", "\u{e9}", "e\u{301}", "\u{1f600}", "\u{661}",
];

/// Where the notation or the value changes.
#[rustfmt::skip]
const NUMBERS: &[&str] = &[
    "0", "-0", "0.0", "-0.0e0", "1", "-1", "1.0", "10", "0.1", "1e0", "1E1", "1e+2", "1E-2",
    "1e20", "1e21", "1e22", "1e-5", "1e-6", "1e-7", "999999999999999", "1000000000000000",
    "9007199254740991", "9007199254740992", "9007199254740993", "9007199254740995",
    "4503599627370497.5", "99999999999999999999", "123456789012345678901234567890",
    "100000000000000000000", "999999999999999999999", "1e308", "1e309", "-1e400", "1e-323",
    "5e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "1e-400", "-1e-400",
    "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308",
    "2.2250738585072014e-308", "2.2250738585072011e-308", "1e99999999999999999999",
    "1e-99999999999999999999", "0e99999999999999999999",
];

#[rustfmt::skip]
const PLAIN: &[char] = &[
    'a', 'z', '0', ' ', '/', '<', '&', '\'', '{', '[', ',', ':', '\u{7f}', '\u{80}', '\u{a0}',
    '\u{e9}', '\u{301}', '\u{7ff}', '\u{800}', '\u{2028}', '\u{2029}', '\u{d7ff}', '\u{e000}',
    '\u{feff}', '\u{fffd}', '\u{ffff}', '\u{10000}', '\u{1f600}', '\u{10ffff}',
];

impl Generator {
    pub(crate) fn for_case(seed: u64, case: usize) -> Self {
        let mut generator = Self {
            state: seed ^ case as u64,
        };
        // Neighbouring cases must not share a sequence.
        generator.state = generator.next();
        generator
    }

    pub(crate) fn document(&mut self) -> Vec<u8> {
        let mut text = String::new();
        self.space(&mut text);
        if self.one_in(60) {
            self.nest(&mut text);
        } else {
            let size = self.pick(&[3, 8, 20, 60]);
            self.value(&mut text, size);
        }
        self.space(&mut text);
        let mut body = text.into_bytes();
        if self.one_in(5) {
            for _ in 0..=self.below(3) {
                self.damage(&mut body);
            }
        }
        body
    }

    /// `budget`: about how many values there may be inside.
    fn value(&mut self, text: &mut String, budget: usize) {
        match self.below(if budget < 2 { 5 } else { 20 }) {
            0 => text.push_str(self.pick(&["true", "false", "null"])),
            1 | 2 => self.number(text),
            3 | 4 => {
                let content = self.content();
                self.string(text, &content);
            }
            5..=8 => self.array(text, budget),
            _ => self.object(text, budget),
        }
    }

    fn array(&mut self, text: &mut String, budget: usize) {
        let len = self.below(budget.min(8) + 1);
        text.push('[');
        self.space(text);
        for index in 0..len {
            self.comma(text, index);
            self.value(text, (budget - 1) / len);
            self.space(text);
        }
        text.push(']');
    }

    fn object(&mut self, text: &mut String, budget: usize) {
        // Sorting has other ways for more than twenty.
        let len = if self.one_in(30) {
            20 + self.below(60)
        } else {
            self.below(budget.min(12) + 1)
        };
        let mut names: Vec<String> = Vec::new();
        text.push('{');
        self.space(text);
        for index in 0..len {
            self.comma(text, index);
            let name = match self.below(8) {
                0 | 1 if !names.is_empty() => names[self.below(names.len())].clone(),
                2 => self.content(),
                3 => (self.next() >> self.below(64)).to_string(),
                4 => self.below(20).to_string(),
                _ => self.pick(NAMES).to_owned(),
            };
            self.string(text, &name);
            names.push(name);
            self.space(text);
            text.push(':');
            self.space(text);
            self.value(text, (budget - 1) / len);
            self.space(text);
        }
        text.push('}');
    }

    fn comma(&mut self, text: &mut String, index: usize) {
        if index > 0 {
            text.push(',');
            self.space(text);
        }
    }

    /// Around the cap, which is 127.
    fn nest(&mut self, text: &mut String) {
        let depth = 120 + self.below(16);
        let mut close = String::new();
        for _ in 0..depth {
            match self.below(3) {
                0 => {
                    text.push('[');
                    close.insert(0, ']');
                }
                1 => {
                    text.push_str(r#"{"a":"#);
                    close.insert(0, '}');
                }
                _ => {
                    text.push_str(r#"{"1":"#);
                    close.insert_str(0, r#","0":0}"#);
                }
            }
        }
        self.value(text, 3);
        text.push_str(&close);
    }

    fn space(&mut self, text: &mut String) {
        if self.one_in(4) {
            for _ in 0..=self.below(4) {
                text.push(self.pick(&[' ', '\t', '\n', '\r']));
            }
        }
    }

    fn content(&mut self) -> String {
        let most = self.pick(&[2, 6, 30]);
        let len = self.below(most);
        let mut content = String::new();
        for _ in 0..len {
            content.push(match self.below(8) {
                0 => char::from(self.next() as u8 & 0x1f),
                1 => self.pick(&['"', '\\']),
                2 => char::from_u32(self.next() as u32 % 0x11_0000).unwrap_or('?'),
                3 | 4 => char::from(b' ' + self.below(95) as u8),
                _ => self.pick(PLAIN),
            });
        }
        content
    }

    /// A literal for `content`, in one of its many spellings.
    fn string(&mut self, text: &mut String, content: &str) {
        let eager = self.pick(&[2, 6, 200]);
        text.push('"');
        for char in content.chars() {
            let short = match char {
                '"' | '\\' | '/' => Some(char),
                '\u{8}' => Some('b'),
                '\t' => Some('t'),
                '\n' => Some('n'),
                '\u{c}' => Some('f'),
                '\r' => Some('r'),
                _ => None,
            };
            let must = char < ' ' || char == '"' || char == '\\';
            if !must && !self.one_in(eager) {
                text.push(char);
                continue;
            }
            match short {
                Some(short) if !self.one_in(3) => text.extend(['\\', short]),
                _ => {
                    for unit in char.encode_utf16(&mut [0; 2]) {
                        self.unit(text, *unit);
                    }
                }
            }
        }
        if self.one_in(400) {
            let lone = 0xd800 + self.below(0x800) as u16;
            self.unit(text, lone);
        }
        text.push('"');
    }

    fn unit(&mut self, text: &mut String, unit: u16) {
        text.push_str("\\u");
        for digit in format!("{unit:04x}").chars() {
            let upper = self.one_in(2);
            text.push(if upper {
                digit.to_ascii_uppercase()
            } else {
                digit
            });
        }
    }

    fn number(&mut self, text: &mut String) {
        let literal = match self.below(12) {
            0..=2 => self.pick(NUMBERS).to_owned(),
            3 => self.below(1000).to_string(),
            4 => (self.next() as i64 >> self.below(64)).to_string(),
            5 => self.float(u64::MAX).to_string(),
            // Denormals: no exponent bits.
            6 => self.float(!(0x7ff << 52)).to_string(),
            7 => {
                let (digits, float) = (self.below(25), self.float(u64::MAX));
                format!("{float:.digits$e}")
            }
            8 => self.halfway(),
            9 => self.digits(30),
            10 => format!("{}.{}", self.digits(17), self.below(1_000_000)),
            _ => {
                let (digits, exponent) = (self.digits(18), self.below(700) as i64 - 350);
                let sign = if exponent >= 0 && self.one_in(2) {
                    "+"
                } else {
                    ""
                };
                let e = self.pick(&['e', 'E']);
                format!("{digits}{e}{sign}{exponent}")
            }
        };
        text.push_str(&literal);
    }

    /// A finite float of any size, from the bits of `mask`.
    fn float(&mut self, mask: u64) -> f64 {
        let float = f64::from_bits(self.next() & mask);
        if float.is_finite() { float } else { 1.0 }
    }

    /// An odd integer between two floats, and perhaps a hair more: rounding must
    /// look at every digit.
    fn halfway(&mut self) -> String {
        let even_or_odd = (1 << 52) + (self.next() >> 12);
        let between = (u128::from(even_or_odd) * 2 + 1) << self.below(60);
        let mut literal = between.to_string();
        match self.below(3) {
            0 => {}
            1 => literal.push_str(".000000000000000000000000000000000001"),
            _ => {
                literal.push('.');
                literal.extend(std::iter::repeat_n('0', 700 + self.below(200)));
                literal.push('1');
            }
        }
        literal
    }

    fn digits(&mut self, most: usize) -> String {
        let mut digits = String::new();
        if self.one_in(4) {
            digits.push('-');
        }
        digits.push(char::from(b'1' + self.below(9) as u8));
        for _ in 0..self.below(most) {
            digits.push(char::from(b'0' + self.below(10) as u8));
        }
        digits
    }

    fn damage(&mut self, body: &mut Vec<u8>) {
        const TELLING: &[u8] = b"\"\\{}[]:,0-+.eEu \n\t\r\x0b\x00\x1ftn/d8";
        let at = self.below(body.len() + 1);
        let byte = if self.one_in(4) {
            self.next() as u8
        } else {
            self.pick(TELLING)
        };
        match self.below(6) {
            0 => body.truncate(at),
            1 => body.insert(at, byte),
            2 if at < body.len() => body[at] = byte,
            3 if at < body.len() => drop(body.remove(at)),
            4 => {
                let end = (at + self.below(12)).min(body.len());
                body.extend_from_within(at..end);
            }
            5 if self.one_in(8) => drop(body.splice(..0, *b"\xef\xbb\xbf")),
            _ => body.reverse(),
        }
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
