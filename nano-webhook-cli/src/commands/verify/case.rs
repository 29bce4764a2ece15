use bytes::Bytes;
use nano_webhook_core::adapter::HeaderField;
use nano_webhook_core::{ErrorKind, UnixTime, WebhookError};

use super::candidates::Candidates;
use super::rows::{BODIES, CUT_TO_LENGTH, SECRETS, SignedTime, capitalized};
use super::search::{Effort, Search};
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
            return rejection(error, vec![self.header_fault(error)]);
        };
        let presented = Presented::read(&signature);
        let other = other_kind(&signature, presented.is_some());
        let Some(presented) = presented else {
            let malformed = || Fault::new("signature_malformed", error.to_string());
            return rejection(error, vec![other.unwrap_or_else(malformed)]);
        };
        let secrets = self.given.iter().map(|given| given.bytes.as_slice());
        let secrets: Vec<_> = secrets.collect();
        let mut bodies = Candidates::new(BODIES, &[self.body], effort);
        if let Some(cut) = (self.declared_length()).and_then(|length| self.body.get(..length)) {
            bodies.add(&CUT_TO_LENGTH, cut);
        }
        let mut search = Search {
            presented: &presented,
            time: SignedTime {
                header: &timestamp,
                in_body: standing::body_timestamp(self.body),
                in_signature: time_in(&signature),
                ids: IDS.into_iter().filter_map(text).map(Into::into).collect(),
            },
            secrets: Candidates::new(SECRETS, &secrets, effort),
            bodies,
            effort,
        };
        let found = search.run();
        let gave_up = found.is_err() && self.body.len() > LARGE;
        let others = standing::fault(error, &search.time, self);
        let others = presented.fault.clone().into_iter().chain(others);
        if let Some(mut causes) = (found.unwrap_or_default()).or_else(|| self.short_body()) {
            let mut wrapped = causes.iter_mut().filter(|it| it.code == "body_in_envelope");
            if let (Some(fault), Some(name)) = (wrapped.next(), hints::envelope(self.body)) {
                fault.clause = format!("{} (the body is {name})", fault.clause);
            }
            causes.extend(others);
            return rejection(error, causes);
        }
        if let Some(fault) = other.filter(|_| !presented.is_whole()) {
            return rejection(error, vec![fault]);
        }
        let faults = [Fault::new("", UNEXPLAINED)].into_iter().chain(others);
        Rejection {
            causes: Vec::new(),
            hints: hints::hints(&secrets, self.body, self.only("content-encoding"), gave_up),
            ..rejection(error, faults.collect())
        }
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

    fn short_body(&self) -> Option<Vec<Fault>> {
        let (length, declared) = (self.body.len(), self.declared_length()?);
        let clause = format!(
            "the body has {length} bytes and its Content-Length is {declared}: the end of the body is missing"
        );
        (declared > length).then(|| vec![Fault::new("body_truncated", clause)])
    }

    /// A header is missing or repeated.
    fn header_fault(&self, error: &WebhookError) -> Fault {
        let is_missing = error.kind() == ErrorKind::MissingHeader;
        let fields = [HeaderField::Timestamp, HeaderField::Signature].into_iter();
        let mut missing = fields.filter(|field| is_missing && self.only(field.name()).is_none());
        let renamed = missing.find_map(|field| Some((field, self.renamed(field.name())?)));
        let Some((field, name)) = renamed else {
            return Fault::new(error.code(), error.to_string());
        };
        let clause = format!(
            "the {field} header is missing, but a header with the name {name} is present; something on the way renames headers"
        );
        Fault::new("header_renamed", clause)
    }

    /// A header under the name that CGI makes of this one, or with a prefix that a
    /// proxy puts before it.
    fn renamed(&self, field: &str) -> Option<String> {
        let is_it = |name: &&String| {
            let plain = name.to_ascii_lowercase().replace('_', "-");
            plain.ends_with(field.trim_start_matches("x-"))
                && (plain != field || name.contains('_'))
        };
        let name = self.headers.iter().map(|(name, _)| name).find(is_it)?;
        Some(shortened(&printable(name), 60))
    }
}

/// The clauses of the causes as one sentence.
fn rejection(error: &WebhookError, causes: Vec<Fault>) -> Rejection {
    let clauses: Vec<_> = causes.iter().map(|fault| fault.clause.as_str()).collect();
    let text = match clauses.is_empty() {
        true => error.to_string(),
        false => clauses.join("; also, "),
    };
    Rejection {
        code: error.code(),
        causes,
        explanation: format!("{}.", capitalized(&text)),
        hints: Vec::new(),
    }
}
