use std::error::Error;
use std::fmt::Debug;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use nano_webhook_core::{Secret, Signer, UnixTime};
use nano_webhook_test_kit::SignedRequest;

/// All that was printed, and what must not be found in it.
#[derive(Default)]
pub(crate) struct Search {
    /// With what printed it.
    printed: Vec<(String, String)>,
    /// In each spelling in which it could be printed.
    needles: Vec<(String, String)>,
}

impl Search {
    /// A secret: whole or its telling end, and as bytes in hex, Base64 and lists.
    pub(crate) fn hide(&mut self, name: &str, secret: &str) {
        self.needle(name, secret.to_owned());
        // Each has a `+`; what stands behind it is in no other text.
        let (_, end) = secret.split_once('+').unwrap();
        self.needle(&format!("a part of {name}"), end[..12].to_owned());
        self.hide_bytes(name, secret.as_bytes());
    }

    /// A signature as in its header: its hex digits, half of them, the bytes.
    pub(crate) fn hide_signature(&mut self, signature: &str) {
        let hex = signature.strip_prefix("v1=").unwrap();
        let bytes: Vec<u8> = (0..32)
            .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        self.needle("a signature's beginning", hex[..16].to_owned());
        self.needle("a signature's end", hex[48..].to_owned());
        self.hide_bytes("a signature", &bytes);
    }

    /// A request whose signature is hidden from then on.
    pub(crate) fn signed(&mut self, key: &str, timestamp: &str, body: &str) -> SignedRequest {
        let signer = Signer::new(Secret::new(key).unwrap());
        let signed = signer.sign_with_timestamp(timestamp, body.as_bytes());
        self.hide_signature(signed.signature());
        self.debug("signed headers", &signed);
        let headers = signed.to_pairs();
        SignedRequest {
            headers: headers
                .map(|(name, value)| (name.into(), value.into()))
                .into(),
            ..SignedRequest::new(body)
        }
    }

    /// The same, signed in this second, so that the window is open.
    pub(crate) fn signed_now(&mut self, key: &str, body: &str) -> SignedRequest {
        self.signed(key, &UnixTime::now().as_secs().to_string(), body)
    }

    fn hide_bytes(&mut self, name: &str, bytes: &[u8]) {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.needle(&format!("{name} in hex"), hex[..24].to_owned());
        // Multiples of three bytes keep their digits wherever the text ends.
        let base64 = BASE64_STANDARD_NO_PAD.encode(&bytes[..12]);
        self.needle(&format!("{name} in Base64"), base64);
        let list = format!("{:?}", &bytes[..6]);
        let list = list.trim_matches(['[', ']']).to_owned();
        self.needle(&format!("{name} as a list"), list);
    }

    fn needle(&mut self, name: &str, text: String) {
        self.needles.push((name.to_owned(), text));
    }

    pub(crate) fn text(&mut self, from: &str, text: impl Into<String>) {
        self.printed.push((from.to_owned(), text.into()));
    }

    /// Both forms of `Debug`.
    pub(crate) fn debug<T: Debug + ?Sized>(&mut self, from: &str, value: &T) {
        self.text(from, format!("{value:?} {value:#?}"));
    }

    /// An error and all that is behind it.
    pub(crate) fn error<E: Error + 'static>(&mut self, from: &str, error: &E) {
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(error) = cause {
            self.text(from, format!("{error} {error:?} {error:#?}"));
            cause = error.source();
        }
    }

    /// Each needle that was found, and where.
    pub(crate) fn find(&self) -> Vec<String> {
        assert!(self.needles.len() > 40 && self.printed.len() > 200);
        let search = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(self.needles.iter().map(|(_, text)| text))
            .unwrap();
        let mut found = Vec::new();
        for (from, text) in &self.printed {
            // A list may stand on one line or on many.
            let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for hit in search.find_overlapping_iter(&one_line) {
                let (what, _) = &self.needles[hit.pattern().as_usize()];
                found.push(format!("{what} in {from}: {text}"));
            }
        }
        found
    }
}

/// The request, and others that are rejected by their heads, each in its own way.
pub(crate) fn with_other_heads(request: &SignedRequest) -> [SignedRequest; 8] {
    const SIGNATURE: &str = "x-nano-signature";
    let like = || request.clone();
    let signature = request.signature();
    [
        like(),
        like().without("x-nano-timestamp"),
        like().without(SIGNATURE),
        like().header(SIGNATURE, signature),
        like().with(SIGNATURE, &signature[..66]),
        like().with("x-nano-timestamp", "1"),
        like().header("content-encoding", "gzip"),
        like().header("content-length", "10001"),
    ]
}
