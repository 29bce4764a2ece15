use crate::error::{Failure, WebhookError};
use crate::header_field::HeaderField;

mod signature;

pub(crate) use signature::SignedHead;

/// The head of a request: its method and its headers, in whatever type a
/// framework keeps them.
///
/// Which headers matter, and what a repeated one means, is decided in core, so
/// an adapter gives all of them. A list of name and value pairs implements it,
/// and with the feature `http` `http::HeaderMap` and `http::request::Parts`.
pub trait RequestHead {
    /// The request's method. Headers alone count as a POST.
    fn method(&self) -> &str {
        "POST"
    }

    /// Every field line of the request (RFC 9110, section 5.2): a name, in any
    /// case, and a value. A repeated header is given each time.
    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])>;
}

impl<N: AsRef<str>, V: AsRef<[u8]>> RequestHead for [(N, V)] {
    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        (self.iter()).map(|(name, value)| (name.as_ref(), value.as_ref()))
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, const COUNT: usize> RequestHead for [(N, V); COUNT] {
    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.as_slice().field_lines()
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> RequestHead for Vec<(N, V)> {
    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.as_slice().field_lines()
    }
}

#[cfg(feature = "http")]
impl RequestHead for http::HeaderMap {
    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        (self.iter()).map(|(name, value)| (name.as_str(), value.as_bytes()))
    }
}

#[cfg(feature = "http")]
impl RequestHead for http::request::Parts {
    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.field_lines()
    }
}

/// The headers that the verification depends on, found in one pass over all.
#[derive(Default)]
pub(crate) struct Fields<'a> {
    timestamp: Found<'a>,
    signature: Found<'a>,
    content_encoding: Found<'a>,
    content_length: Found<'a>,
}

/// How often a header occurs, and its first value.
#[derive(Clone, Copy, Default)]
enum Found<'a> {
    #[default]
    Never,
    Once(&'a [u8]),
    Repeated(&'a [u8]),
}

impl<'a> Fields<'a> {
    #[inline]
    pub(crate) fn find(head: &'a impl RequestHead) -> Self {
        let mut fields = Self::default();
        for (name, value) in head.field_lines() {
            let found = match HeaderField::named(name) {
                Some(HeaderField::Timestamp) => &mut fields.timestamp,
                Some(HeaderField::Signature) => &mut fields.signature,
                Some(HeaderField::ContentEncoding) => &mut fields.content_encoding,
                Some(HeaderField::ContentLength) => &mut fields.content_length,
                None => continue,
            };
            *found = match *found {
                Found::Never => Found::Once(value),
                Found::Once(first) | Found::Repeated(first) => Found::Repeated(first),
            };
        }
        fields
    }

    /// `Content-Encoding` must be absent or, once, `identity` in any case.
    pub(crate) fn check_content_encoding(&self) -> Result<(), WebhookError> {
        match self.content_encoding {
            Found::Never => Ok(()),
            Found::Once(only) if only.eq_ignore_ascii_case(b"identity") => Ok(()),
            _ => Err(Failure::Encoded.into()),
        }
    }

    /// `Content-Length`, where it can be read. The HTTP implementation checks its
    /// form; the bytes of the body are counted in any case.
    pub(crate) fn check_content_length(&self, limit: usize) -> Result<(), WebhookError> {
        let (Found::Once(digits) | Found::Repeated(digits)) = self.content_length else {
            return Ok(());
        };
        let announced = digits.iter().try_fold(0_u64, |length, byte| {
            let digit = byte.wrapping_sub(b'0');
            let tens = (digit <= 9).then(|| length.checked_mul(10))??;
            tens.checked_add(u64::from(digit))
        });
        match announced {
            Some(length) if length > limit as u64 => Err(Failure::TooLarge {
                limit: Some(limit),
                announced: Some(length),
            }
            .into()),
            _ => Ok(()),
        }
    }
}
