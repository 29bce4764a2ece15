use std::time::Duration;

use bytes::Bytes;
use nano_webhook_core::{
    Delivery, HeaderField, MatchedSecret, Secret, UnixTime, Verifier, WebhookError,
};
use serde_json::Value;

use super::causes::{Fault, Presented, SignedTime, decode_base64};
use super::search::{Effort, Evidence, Found, search};
use crate::headers::HeaderList;

/// A request, and who judges it.
pub(crate) struct Case<'a> {
    pub(crate) verifier: &'a Verifier,
    /// The current secret, then the previous ones: those of the verifier.
    pub(crate) secrets: &'a [&'a Secret],
    pub(crate) headers: &'a HeaderList,
    pub(crate) body: &'a Bytes,
    pub(crate) now: UnixTime,
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Diagnosis {
    /// A receiver would accept it.
    Verified(Box<Delivery>),
    /// A receiver would refuse it.
    Refused(Refusal),
}

/// Why a receiver would refuse a request.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The code of the receiver's answer.
    pub(crate) code: &'static str,
    /// What is wrong, the most telling first. Empty if the signature matches
    /// nothing that this program knows.
    pub(crate) causes: Vec<Fault>,
    /// One sentence.
    pub(crate) explanation: String,
    /// What may be worth a look, but is not proved.
    pub(crate) hints: Vec<String>,
}

impl Case<'_> {
    /// Judges the request as a receiver would, and works out why it would be
    /// refused.
    pub(crate) fn diagnose(&self, effort: Effort) -> Diagnosis {
        match self
            .verifier
            .verify(self.headers, self.body.clone(), self.now)
        {
            Ok(delivery) => Diagnosis::Verified(Box::new(delivery)),
            Err(error) => Diagnosis::Refused(self.explain(&error, effort)),
        }
    }

    /// Why a receiver refused with this error.
    pub(crate) fn explain(&self, error: &WebhookError, effort: Effort) -> Refusal {
        let timestamp = self.only(HeaderField::Timestamp);
        let signature = self.only(HeaderField::Signature);
        let (Some(timestamp), Some(signature)) = (timestamp, signature) else {
            return self.header_refusal(error);
        };
        let timestamp = String::from_utf8_lossy(timestamp);
        let signature = String::from_utf8_lossy(signature);
        let Some(presented) = Presented::read(&signature) else {
            return unreadable(error, &signature);
        };
        let evidence = Evidence {
            secrets: self.secrets,
            time: SignedTime {
                header: &timestamp,
                in_body: body_timestamp(self.body),
            },
            presented: &presented,
            body: self.body,
        };
        let found = search(&evidence, effort);
        self.conclude(error, &evidence, found)
    }

    fn conclude(&self, error: &WebhookError, evidence: &Evidence<'_>, found: Found) -> Refusal {
        let mut causes = Vec::new();
        let gave_up = matches!(found, Found::Nothing { gave_up: true });
        let explained = match found {
            Found::AsGiven => true,
            Found::After(faults) => {
                causes.extend(faults);
                true
            }
            Found::OtherTime { seconds, is_later } => {
                causes.push(Fault::new(
                    "timestamp_of_another_delivery",
                    format!(
                        "the signature is right for this body with another timestamp, one that is {seconds} s {}: timestamp and signature are those of two deliveries",
                        if is_later { "later" } else { "earlier" },
                    ),
                ));
                true
            }
            Found::Nothing { .. } => false,
        };
        causes.extend(evidence.presented.fault.clone());
        causes.extend(self.standing(error, &evidence.time));
        if explained {
            return Refusal {
                code: error.code(),
                explanation: sentence(&causes, error),
                causes,
                hints: Vec::new(),
            };
        }
        Refusal {
            code: error.code(),
            explanation: unexplained(&causes),
            causes: Vec::new(),
            hints: self.hints(gave_up),
        }
    }

    /// What is wrong beside the MAC.
    fn standing(&self, error: &WebhookError, time: &SignedTime<'_>) -> Option<Fault> {
        match error {
            WebhookError::Stale { age, tolerance } => Some(Fault::new(
                "stale",
                format!(
                    "the timestamp is {} old, and {} are allowed{}",
                    span(*age),
                    span(*tolerance),
                    zone(*age).unwrap_or("; it is a replay, a late retry, or a wrong clock"),
                ),
            )),
            WebhookError::Ahead { lead, tolerance } => Some(self.ahead(time, *lead, *tolerance)),
            WebhookError::MalformedTimestamp { reason } => Some(Fault::new(
                "timestamp_malformed",
                format!(
                    "the timestamp must be a Unix time in digits, in seconds or milliseconds, and {reason}"
                ),
            )),
            WebhookError::UnsupportedContentEncoding => Some(Fault::new(
                "content_encoding",
                "the request has a Content-Encoding; look for a proxy that compresses requests",
            )),
            WebhookError::BodyTooLarge { .. } => {
                Some(Fault::new("body_too_large", error.to_string()))
            }
            WebhookError::InvalidEvent { source, .. } => Some(Fault::new(
                "invalid_event",
                format!(
                    "the signature is right, but the body is not an event that a handler can use: {source}"
                ),
            )),
            _ => None,
        }
    }

    fn ahead(&self, time: &SignedTime<'_>, lead: Duration, tolerance: Duration) -> Fault {
        let plausible = time.header_secs().is_some_and(|secs| {
            let year = 366 * 24 * 60 * 60;
            secs.abs_diff(self.now.as_secs()) < year
        });
        if plausible && lead > Duration::from_secs(1000 * 366 * 24 * 60 * 60) {
            return Fault::new(
                "timestamp_precision",
                "the timestamp is in microseconds or nanoseconds; it must be in seconds or milliseconds",
            );
        }
        Fault::new(
            "ahead",
            format!(
                "the timestamp is {} ahead of the clock, and {} are allowed{}",
                span(lead),
                span(tolerance),
                zone(lead).unwrap_or("; one of the two clocks is wrong"),
            ),
        )
    }

    /// The value of a header that is there exactly once.
    fn only(&self, field: HeaderField) -> Option<&[u8]> {
        let mut values = (self.headers.iter())
            .filter(|(name, _)| name.eq_ignore_ascii_case(field.name()))
            .map(|(_, value)| value.as_slice());
        values.next().filter(|_| values.next().is_none())
    }

    /// A header is missing or there twice: there is nothing to be tried.
    fn header_refusal(&self, error: &WebhookError) -> Refusal {
        let fault = match error {
            WebhookError::MissingHeader { header } => match self.renamed(*header) {
                Some(name) => Fault::new(
                    "header_renamed",
                    format!(
                        "the {header} header is missing, but there is one that is called {name}; something on the way renames headers"
                    ),
                ),
                None => Fault::new(error.code(), error.to_string()),
            },
            _ => Fault::new(error.code(), error.to_string()),
        };
        Refusal {
            code: error.code(),
            explanation: sentence(std::slice::from_ref(&fault), error),
            causes: vec![fault],
            hints: Vec::new(),
        }
    }

    /// A header under a name that CGI and its heirs make of this one, or with a
    /// prefix that a proxy puts before it.
    fn renamed(&self, field: HeaderField) -> Option<String> {
        let is_it = |name: &str| {
            let plain = name.to_ascii_lowercase().replace('_', "-");
            let is_prefixed =
                plain != field.name() && plain.ends_with(field.name().trim_start_matches("x-"));
            is_prefixed || (plain == field.name() && name.contains('_'))
        };
        self.headers
            .iter()
            .map(|(name, _)| name)
            .find(|name| is_it(name))
            .map(|name| crate::text::shortened(&crate::text::printable(name), 60))
    }

    fn hints(&self, gave_up: bool) -> Vec<String> {
        let mut hints = Vec::new();
        if self.body.is_empty() {
            hints.push("The body is empty: something read it before it was given.".to_owned());
        }
        if contains(self.body, "\u{fffd}".as_bytes()) {
            hints.push(
                "The body has U+FFFD characters in it: somebody decoded it with the wrong encoding, and what was signed is lost."
                    .to_owned(),
            );
        }
        if self.body.starts_with(b"\x1f\x8b") {
            hints.push(
                "The body is compressed (gzip); the signature is over what was in it before."
                    .to_owned(),
            );
        }
        if self.secrets.iter().any(|secret| is_encoded_key(secret)) {
            hints.push(
                "The secret looks like the hex or base64 form of random bytes. If the sender decodes it first, its key is not text, which cannot be tried here; the provider's key is the text itself."
                    .to_owned(),
            );
        }
        if gave_up {
            hints.push(
                "The body is so large that not everything was tried. Try a small delivery of the same sender."
                    .to_owned(),
            );
        }
        hints
    }
}

/// The sentence for a signature that nothing explains.
fn unexplained(others: &[Fault]) -> String {
    let mut text = "The signature matches neither this body and timestamp nor anything that they are known to become by mistake; usually the secret belongs to another webhook or environment, the headers and the body are not of the same delivery, the body's content was changed, or it is a forgery".to_owned();
    for fault in others {
        text.push_str("; besides, ");
        text.push_str(&fault.clause);
    }
    text.push('.');
    text
}

/// Several clauses as one sentence.
fn sentence(causes: &[Fault], error: &WebhookError) -> String {
    let clauses: Vec<_> = causes.iter().map(|fault| fault.clause.as_str()).collect();
    let text = match clauses.is_empty() {
        // A refusal that has no cause of ours is the receiver's to word.
        true => error.to_string(),
        false => clauses.join("; besides, "),
    };
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    let mut sentence: String = first.into_iter().flatten().collect();
    sentence.push_str(characters.as_str());
    sentence.push('.');
    sentence
}

/// Nothing in the header looks like a MAC.
fn unreadable(error: &WebhookError, signature: &str) -> Refusal {
    let digits = signature
        .rsplit(|character: char| !character.is_ascii_hexdigit())
        .next()
        .unwrap_or_default();
    let clause = match digits.len() {
        40 => "the signature has 40 hex digits, as those of HMAC-SHA1; it must be HMAC-SHA256"
            .to_owned(),
        96 => "the signature has 96 hex digits, as those of HMAC-SHA384; it must be HMAC-SHA256"
            .to_owned(),
        128 => "the signature has 128 hex digits, as those of HMAC-SHA512; it must be HMAC-SHA256"
            .to_owned(),
        _ => error.to_string(),
    };
    let fault = Fault::new("signature_malformed", clause);
    Refusal {
        code: error.code(),
        explanation: sentence(std::slice::from_ref(&fault), error),
        causes: vec![fault],
        hints: Vec::new(),
    }
}

/// The body's own `timestamp` field.
fn body_timestamp(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    match value.get("timestamp")? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn span(duration: Duration) -> String {
    crate::text::seconds(duration)
}

/// A distance of whole hours (or a half) is seldom chance.
fn zone(distance: Duration) -> Option<&'static str> {
    const HALF_HOUR: u64 = 30 * 60;
    let secs = distance.as_secs();
    let off = secs % HALF_HOUR;
    let near = off.min(HALF_HOUR.saturating_sub(off));
    ((HALF_HOUR..=14 * 2 * HALF_HOUR).contains(&secs) && near <= 2)
        .then_some("; that is a time zone, so one side takes local time for UTC")
}

fn contains(body: &[u8], needle: &[u8]) -> bool {
    body.windows(needle.len()).any(|window| window == needle)
}

/// Whether a secret looks like random bytes in hex or base64.
fn is_encoded_key(secret: &Secret) -> bool {
    let text = secret.expose().trim();
    let text = text.strip_prefix("whsec_").unwrap_or(text);
    let has = |kind: fn(&u8) -> bool| text.as_bytes().iter().any(kind);
    let is_mixed =
        has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let decoded = match hex::decode(text) {
        Ok(bytes) => Some(bytes),
        Err(_) if is_mixed => decode_base64(text),
        Err(_) => None,
    };
    decoded.is_some_and(|bytes| bytes.len() >= 16 && std::str::from_utf8(&bytes).is_err())
}

/// For people: which secret matched.
pub(crate) fn describe(secret: MatchedSecret) -> String {
    match secret {
        MatchedSecret::Current => "the current secret".to_owned(),
        MatchedSecret::Previous(position) => {
            format!("previous secret {}", position.saturating_add(1))
        }
    }
}
