use serde_json::Value;

/// An answer, over HTTP/1.1 or HTTP/2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub http2: bool,
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this name, which is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let headers = self.headers.iter();
        let named = headers.filter(move |(header, _)| header == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The body as text, for messages.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, or `null`.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn code(&self) -> Option<String> {
        self.json()["code"].as_str().map(str::to_owned)
    }

    /// Whether the server says that it closes the connection.
    pub fn closes(&self) -> bool {
        let mut options = self.all("connection").flat_map(|value| value.split(','));
        options.any(|option| option.trim().eq_ignore_ascii_case("close"))
    }

    /// The status, the code of a problem document, and a `*` if the server says that it
    /// closes the connection.
    pub fn summary(&self) -> String {
        let code = self.code().map(|code| format!(" {code}"));
        let close = if self.closes() { "*" } else { "" };
        format!("{}{}{close}", self.status, code.unwrap_or_default())
    }
}
