use nano_webhook_core::Secret;
use serde_json::Value;
use zeroize::Zeroizing;

const LONGEST: usize = 300;
const REDACTED: &str = "[redacted]";

/// Makes a text of the provider fit for an error: without what must stay
/// secret, on one line, and short.
///
/// Error pages repeat what they were sent more often than one would like: the
/// headers on a proxy's debug page, the body in a validation message.
pub(crate) struct Redactor(Vec<Zeroizing<String>>);

impl Redactor {
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut needles: Vec<_> = secrets.into_iter().flat_map(forms).collect();
        // A secret may be a part of another one.
        needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
        Self(needles)
    }

    pub(crate) fn text(&self, text: &str) -> String {
        one_line(&self.redact(text))
    }

    /// JSON is printed anew, after each text in it was looked at as what it
    /// says, however it was escaped. A text may be JSON itself: one level of it
    /// is found by the escaped form of what is looked for.
    pub(crate) fn json(&self, json: Value) -> String {
        self.text(&self.values(json).to_string())
    }

    fn values(&self, json: Value) -> Value {
        match json {
            Value::String(text) => self.redact(&text).as_str().into(),
            Value::Array(values) => values.into_iter().map(|value| self.values(value)).collect(),
            Value::Object(fields) => (fields.into_iter())
                .map(|(name, value)| (self.redact(&name).as_str().to_owned(), self.values(value)))
                .collect(),
            other => other,
        }
    }

    fn redact(&self, text: &str) -> Zeroizing<String> {
        let mut clean = Zeroizing::new(text.to_owned());
        for needle in &self.0 {
            clean = Zeroizing::new(clean.replace(needle.as_str(), REDACTED));
        }
        clean
    }
}

/// The forms in which a text can be found in an error page.
fn forms(secret: &Secret) -> impl Iterator<Item = Zeroizing<String>> + use<> {
    let text = secret.expose();
    let mut forms = vec![
        Zeroizing::new(text.to_owned()),
        html(text, "&quot;", "&#39;"),
        html(text, "&#34;", "&#x27;"),
    ];
    // "Basic abc" is also to be found as "abc".
    if let Some((_, credentials)) = text.split_once(' ').filter(|(_, rest)| !rest.is_empty()) {
        forms.push(Zeroizing::new(credentials.to_owned()));
    }
    if let Ok(quoted) = serde_json::to_string(text).map(Zeroizing::new) {
        let escaped = quoted
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        forms.extend(escaped.map(|escaped| Zeroizing::new(escaped.to_owned())));
    }
    forms.into_iter()
}

fn html(text: &str, double_quote: &str, single_quote: &str) -> Zeroizing<String> {
    let mut escaped = Zeroizing::new(String::with_capacity(text.len().saturating_mul(6)));
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str(double_quote),
            '\'' => escaped.push_str(single_quote),
            other => escaped.push(other),
        }
    }
    escaped
}

fn one_line(text: &str) -> String {
    let mut words = text
        .split(|character: char| character.is_whitespace() || character.is_control())
        .filter(|word| !word.is_empty());
    let mut line = String::new();
    let mut left = LONGEST;
    for (position, word) in words.by_ref().enumerate() {
        if position > 0 {
            line.push(' ');
        }
        for character in word.chars() {
            if left == 0 {
                line.push('…');
                return line;
            }
            left -= 1;
            line.push(character);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Redactor};
    use nano_webhook_core::Secret;

    #[test]
    fn texts() {
        let secrets = ["k<e>y\"1'&", "Basic dXNlcjpwYXNz", "short", "shorter"]
            .map(|text| Secret::new(text).unwrap());
        let redactor = Redactor::new(&secrets);
        for (text, expected) in [
            ("nothing here", "nothing here"),
            ("a k<e>y\"1'& b", "a [redacted] b"),
            (r#"{"a":"k<e>y\"1'&"}"#, r#"{"a":"[redacted]"}"#),
            ("<p>k&lt;e&gt;y&quot;1&#39;&amp;</p>", "<p>[redacted]</p>"),
            ("<p>k&lt;e&gt;y&#34;1&#x27;&amp;</p>", "<p>[redacted]</p>"),
            (
                "Authorization: Basic dXNlcjpwYXNz",
                "Authorization: [redacted]",
            ),
            ("credentials dXNlcjpwYXNz", "credentials [redacted]"),
            ("shorter, short", "[redacted], [redacted]"),
            (
                "two\r\nlines\u{1b}[31m\tand   more ",
                "two lines [31m and more",
            ),
        ] {
            assert_eq!(redactor.text(text), expected);
        }
    }

    #[test]
    fn long_texts_are_cut_off() {
        let line = Redactor::new([]).text(&"ü".repeat(LONGEST + 1));
        assert_eq!(line, format!("{}…", "ü".repeat(LONGEST)));
        assert_eq!(
            Redactor::new([]).text(&"ü".repeat(LONGEST)).chars().count(),
            LONGEST
        );
    }

    #[test]
    fn a_secret_at_the_cut_does_not_show_its_beginning() {
        let secret = Secret::new("whsec-0123456789abcdef").unwrap();
        let text = format!("{}whsec-0123456789abcdef", "x".repeat(LONGEST - 6));
        assert!(!Redactor::new([&secret]).text(&text).contains("whsec"));
    }
}
