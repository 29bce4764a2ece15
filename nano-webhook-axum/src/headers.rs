use http::HeaderMap;
use nano_webhook_core::RequestHeaders;

/// `http`'s header map in core's terms.
pub(crate) struct Headers<'a>(pub(crate) &'a HeaderMap);

impl RequestHeaders for Headers<'_> {
    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        (self.0.iter()).map(|(name, value)| (name.as_str(), value.as_bytes()))
    }
}
