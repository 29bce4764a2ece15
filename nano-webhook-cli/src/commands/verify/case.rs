use bytes::Bytes;
use nano_webhook_core::adapter::HeaderField;
use nano_webhook_core::{ErrorKind, UnixTime, WebhookError};

use super::search::{Effort, Evidence, search};
use super::signature::{Presented, other_kind, time_in};
use super::{Fault, hints, standing};
use crate::headers::HeaderList;
use crate::secrets::Given;
use crate::text::{printable, shortened};

/// A request that a receiver rejects, and what that receiver has.
pub(crate) struct Case<'a> {
    /// The current secret, then the previous ones, as they were given.
    pub(crate) given: &'a [Given],
    pub(crate) headers: &'a HeaderList,
    pub(crate) body: &'a Bytes,
    pub(crate) now: UnixTime,
    /// The tolerance, in seconds.
    pub(crate) tolerance: u64,
}

/// Why a receiver would reject a request.
#[derive(Debug)]
pub(crate) struct Rejection {
    /// The code of the receiver's answer.
    pub(crate) code: &'static str,
    /// What is wrong, the most important first. Empty if no known mistake explains
    /// the signature.
    pub(crate) causes: Vec<Fault>,
    /// One sentence.
    pub(crate) explanation: String,
    /// What may be wrong, but is not proved.
    pub(crate) hints: Vec<String>,
}

const UNEXPLAINED: &str = "the signature matches neither this body and timestamp nor any known way to change them by mistake; usually the secret belongs to another webhook or environment, the headers and the body are from different deliveries, the content of the body was changed, or the delivery is a forgery";

/// Headers in which other schemes send the id of a message.
const IDS: [&str; 5] = [
    "webhook-id",
    "svix-id",
    "x-webhook-id",
    "x-request-id",
    "x-nano-id",
];

/// A larger body can be what uses up the effort; for a smaller one, the number of
/// candidates is.
const LARGE: usize = 16 * 1024;

impl Case<'_> {
    /// Why a receiver rejected it with this error.
    pub(crate) fn explain(&self, error: &WebhookError, effort: Effort) -> Rejection {
        let text = |name| self.only(name).map(String::from_utf8_lossy);
        let timestamp = text(HeaderField::Timestamp.name());
        let (Some(timestamp), Some(signature)) = (timestamp, text(HeaderField::Signature.name()))
        else {
            return rejection(error, vec![self.header_fault(error)], None);
        };
        let Some(presented) = Presented::read(&signature) else {
            let fault = other_kind(&signature, false);
            let fault =
                fault.unwrap_or_else(|| Fault::new("signature_malformed", error.to_string()));
            return rejection(error, vec![fault], None);
        };
        let secrets: Vec<_> = (self.given.iter())
            .map(|given| given.bytes.as_slice())
            .collect();
        let evidence = Evidence {
            secrets: &secrets,
            time: super::rows::SignedTime {
                header: &timestamp,
                in_body: standing::body_timestamp(self.body),
                in_signature: time_in(&signature),
                ids: IDS.into_iter().filter_map(text).map(Into::into).collect(),
            },
            presented: &presented,
            body: self.body,
            declared: self.declared_length(),
        };
        let found = search(&evidence, effort);
        let gave_up = found.is_err() && self.body.len() > LARGE;
        let found = found.unwrap_or_default();
        let others = standing::fault(error, &evidence.time, self);
        let others = presented.fault.clone().into_iter().chain(others);
        if let Some(mut causes) = found.or_else(|| Some(vec![self.short_body()?])) {
            let mut wrapped = causes.iter_mut().filter(|it| it.code == "body_in_envelope");
            if let Some(fault) = wrapped.next()
                && let Some(name) = hints::envelope(self.body)
            {
                fault.clause = format!("{} (the body is {name})", fault.clause);
            }
            causes.extend(others);
            return rejection(error, causes, None);
        }
        if let Some(fault) = other_kind(&signature, true).filter(|_| !presented.is_whole()) {
            return rejection(error, vec![fault], None);
        }
        let mut rejection = rejection(error, others.collect(), Some(UNEXPLAINED));
        rejection.causes.clear();
        let encoding = self.only("content-encoding");
        rejection.hints = hints::hints(&secrets, self.body, encoding, gave_up);
        rejection
    }

    /// The value of a header that appears exactly once.
    fn only(&self, name: &str) -> Option<&[u8]> {
        let is_it = |(other, _): &&(String, Vec<u8>)| other.eq_ignore_ascii_case(name);
        let mut values = self.headers.iter().filter(is_it);
        let (_, value) = values.next()?;
        values.next().is_none().then_some(value)
    }

    fn declared_length(&self) -> Option<usize> {
        let text = str::from_utf8(self.only("content-length")?).ok()?;
        text.trim().parse().ok()
    }

    fn short_body(&self) -> Option<Fault> {
        let (length, declared) = (self.body.len(), self.declared_length()?);
        (declared > length).then(|| Fault::new(
            "body_truncated",
            format!("the body has {length} bytes and its Content-Length is {declared}: the end of the body is missing"),
        ))
    }

    /// A header is missing or repeated.
    fn header_fault(&self, error: &WebhookError) -> Fault {
        let fields = [HeaderField::Timestamp, HeaderField::Signature];
        let mut missing = (fields.into_iter()).filter(|field| self.only(field.name()).is_none());
        let renamed = missing
            .next()
            .and_then(|field| Some((field, self.renamed(field.name())?)));
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
        let is_it = |name: &&String| {
            let plain = name.to_ascii_lowercase().replace('_', "-");
            let is_prefixed = plain != field && plain.ends_with(field.trim_start_matches("x-"));
            is_prefixed || (plain == field && name.contains('_'))
        };
        let name = self.headers.iter().map(|(name, _)| name).find(is_it)?;
        Some(shortened(&printable(name), 60))
    }
}

/// The clauses of the causes as one sentence, after a first clause if one is given.
fn rejection(error: &WebhookError, causes: Vec<Fault>, first: Option<&str>) -> Rejection {
    let clauses = causes.iter().map(|fault| fault.clause.as_str());
    let clauses = first.into_iter().chain(clauses);
    let mut text = clauses.collect::<Vec<_>>().join("; also, ");
    if text.is_empty() {
        text = error.to_string();
    }
    let mut characters = text.chars();
    let initial = characters.next().into_iter().flat_map(char::to_uppercase);
    let explanation = initial.chain(characters).chain(['.']).collect();
    Rejection {
        code: error.code(),
        causes,
        explanation,
        hints: Vec::new(),
    }
}
