use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;

/// What must not be found, in each spelling in which it could be printed.
#[derive(Default)]
pub(crate) struct Needles {
    names: Vec<String>,
    texts: Vec<String>,
}

impl Needles {
    /// A text: whole or its telling end, and as bytes in hex, Base64 and lists.
    pub(crate) fn secret(&mut self, name: &str, secret: &str) {
        self.add(name, secret.to_owned());
        // Each has a `+`; what stands behind it is in no other text.
        let (_, end) = secret.split_once('+').unwrap();
        self.add(&format!("a part of {name}"), end[..12].to_owned());
        self.bytes(name, secret.as_bytes());
    }

    /// A signature as in its header: its hex digits, half of them, the bytes.
    pub(crate) fn signature(&mut self, signature: &str) {
        let hex = signature.strip_prefix("v1=").unwrap();
        let bytes: Vec<u8> = (0..32)
            .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        self.add("a signature's beginning", hex[..16].to_owned());
        self.add("a signature's end", hex[48..].to_owned());
        self.bytes("a signature", &bytes);
    }

    fn bytes(&mut self, name: &str, bytes: &[u8]) {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.add(&format!("{name} in hex"), hex[..24].to_owned());
        // Multiples of three bytes keep their digits wherever the text ends.
        let base64 = BASE64_STANDARD_NO_PAD.encode(&bytes[..12]);
        self.add(&format!("{name} in Base64"), base64);
        let list = format!("{:?}", &bytes[..6]);
        let list = list.trim_matches(['[', ']']).to_owned();
        self.add(&format!("{name} as a list"), list);
    }

    fn add(&mut self, name: &str, text: String) {
        self.names.push(name.to_owned());
        self.texts.push(text);
    }

    pub(crate) fn texts(&self) -> &[String] {
        &self.texts
    }

    pub(crate) fn name(&self, index: usize) -> &str {
        &self.names[index]
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }
}
