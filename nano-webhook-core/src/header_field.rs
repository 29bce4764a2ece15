use std::fmt;

/// A request header that the verification depends on. `Display` is its name as
/// the provider's page spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeaderField {
    /// `X-Nano-Timestamp`: when the delivery was signed.
    Timestamp,
    /// `X-Nano-Signature`: `v1=` and the HMAC-SHA256 in lower-case hex.
    Signature,
    /// `Content-Encoding`: must be absent or `identity`, since the signature is
    /// over the bytes of the body as they were sent.
    ContentEncoding,
    /// `Content-Length`: lets a body that is too large be rejected unread.
    ContentLength,
}

impl HeaderField {
    /// Its name in lower case, as HTTP/2 and most header maps have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timestamp => "x-nano-timestamp",
            Self::Signature => "x-nano-signature",
            Self::ContentEncoding => "content-encoding",
            Self::ContentLength => "content-length",
        }
    }

    /// Header maps give names in lower case, so that is tried first.
    #[inline]
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "x-nano-timestamp" => Some(Self::Timestamp),
            "x-nano-signature" => Some(Self::Signature),
            "content-encoding" => Some(Self::ContentEncoding),
            "content-length" => Some(Self::ContentLength),
            other if matches!(other.len(), 14 | 16) => Self::named_in_any_case(other),
            _ => None,
        }
    }

    fn named_in_any_case(name: &str) -> Option<Self> {
        [
            Self::Timestamp,
            Self::Signature,
            Self::ContentEncoding,
            Self::ContentLength,
        ]
        .into_iter()
        .find(|field| field.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for HeaderField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timestamp => "X-Nano-Timestamp",
            Self::Signature => "X-Nano-Signature",
            Self::ContentEncoding => "Content-Encoding",
            Self::ContentLength => "Content-Length",
        })
    }
}
