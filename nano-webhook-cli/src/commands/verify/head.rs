use nano_webhook_core::adapter::HeaderField;
use nano_webhook_core::{ErrorKind, WebhookError};

use super::diagnosis::Case;
use super::rows::Fault;

impl Case<'_> {
    /// The value of a header that appears exactly once.
    pub(super) fn only(&self, name: &str) -> Option<&[u8]> {
        let mut values = (self.headers.iter())
            .filter(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice());
        values.next().filter(|_| values.next().is_none())
    }

    pub(super) fn declared_length(&self) -> Option<usize> {
        let length = std::str::from_utf8(self.only("content-length")?).ok()?;
        length.trim().parse().ok()
    }

    pub(super) fn short_body(&self) -> Option<Fault> {
        let declared = self.declared_length()?;
        (declared > self.body.len()).then(|| {
            Fault::new(
                "body_truncated",
                format!(
                    "the body has {} bytes and its Content-Length is {declared}: the end of the body is missing",
                    self.body.len()
                ),
            )
        })
    }

    /// A header is missing or repeated.
    pub(super) fn header_fault(&self, error: &WebhookError) -> Fault {
        let missing = [HeaderField::Timestamp, HeaderField::Signature]
            .into_iter()
            .find(|field| self.only(field.name()).is_none());
        let renamed = missing.and_then(|field| Some((field, self.renamed(field.name())?)));
        match renamed {
            Some((field, name)) if error.kind() == ErrorKind::MissingHeader => Fault::new(
                "header_renamed",
                format!(
                    "the {field} header is missing, but a header with the name {name} is present; something on the way renames headers"
                ),
            ),
            _ => Fault::new(error.code(), error.to_string()),
        }
    }

    /// A header under the name that CGI makes of this one, or with a prefix that a
    /// proxy puts before it.
    fn renamed(&self, field: &str) -> Option<String> {
        let is_it = |name: &str| {
            let plain = name.to_ascii_lowercase().replace('_', "-");
            let is_prefixed = plain != field && plain.ends_with(field.trim_start_matches("x-"));
            is_prefixed || (plain == field && name.contains('_'))
        };
        let mut names = self.headers.iter().map(|(name, _)| name);
        let name = names.find(|name| is_it(name))?;
        Some(crate::text::shortened(&crate::text::printable(name), 60))
    }
}
