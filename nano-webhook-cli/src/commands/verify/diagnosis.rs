use bytes::Bytes;
use nano_webhook_core::adapter::HeaderField;
use nano_webhook_core::{Delivery, MatchedSecret, UnixTime, Verifier, WebhookError};

use super::evidence::{Effort, Evidence, Found};
use super::hints;
use super::rows::{Fault, Presented, SignedTime, other_algorithm, scheme, time_in};
use super::search::search;
use super::standing;
use crate::headers::HeaderList;

/// A request, and the receiver that verifies it.
pub(crate) struct Case<'a> {
    pub(crate) verifier: &'a Verifier,
    /// The current secret, then the previous ones: those of the verifier, as they
    /// were given.
    pub(crate) secrets: &'a [&'a [u8]],
    pub(crate) headers: &'a HeaderList,
    pub(crate) body: &'a Bytes,
    pub(crate) now: UnixTime,
    /// The tolerance, in seconds.
    pub(crate) tolerance: u64,
}

/// The verdict of a receiver.
#[derive(Debug)]
pub(crate) enum Diagnosis {
    /// A receiver would accept it.
    Verified(Box<Delivery>),
    /// A receiver would reject it.
    Rejected(Rejection),
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

impl Case<'_> {
    /// Verifies the request as a receiver would, and finds out why it would be
    /// rejected.
    pub(crate) fn diagnose(&self, effort: Effort) -> Diagnosis {
        let body = self.body.clone();
        match self.verifier.verify(self.headers, body, self.now) {
            Ok(delivery) => Diagnosis::Verified(Box::new(delivery)),
            Err(error) => Diagnosis::Rejected(self.explain(&error, effort)),
        }
    }

    /// Why a receiver rejected it with this error.
    pub(crate) fn explain(&self, error: &WebhookError, effort: Effort) -> Rejection {
        let timestamp = self.only(HeaderField::Timestamp.name());
        let signature = self.only(HeaderField::Signature.name());
        let (Some(timestamp), Some(signature)) = (timestamp, signature) else {
            return proved(error, vec![self.header_fault(error)]);
        };
        let timestamp = String::from_utf8_lossy(timestamp);
        let signature = String::from_utf8_lossy(signature);
        let Some(presented) = Presented::read(&signature) else {
            return proved(error, vec![unreadable(error, &signature)]);
        };
        let ids = [
            "webhook-id",
            "svix-id",
            "x-webhook-id",
            "x-request-id",
            "x-nano-id",
        ];
        let ids = ids.iter().filter_map(|name| self.only(name));
        let evidence = Evidence {
            secrets: self.secrets,
            time: SignedTime {
                header: &timestamp,
                in_body: standing::body_timestamp(self.body),
                in_signature: time_in(&signature),
                ids: ids
                    .map(|id| String::from_utf8_lossy(id).into_owned())
                    .collect(),
            },
            presented: &presented,
            body: self.body,
            declared: self.declared_length(),
        };
        let found = search(&evidence, effort);
        self.conclude(error, &evidence, found, &signature)
    }

    fn conclude(
        &self,
        error: &WebhookError,
        evidence: &Evidence<'_>,
        found: Found,
        signature: &str,
    ) -> Rejection {
        let gave_up = matches!(found, Found::Nothing { gave_up: true });
        let mut causes = match found {
            Found::AsGiven => Vec::new(),
            Found::After(faults) => faults,
            Found::OtherTime { seconds, is_later } => vec![standing::other_time(seconds, is_later)],
            Found::Nothing { .. } => match self.short_body() {
                Some(fault) => vec![fault],
                None => return self.unexplained(error, evidence, gave_up, signature),
            },
        };
        for fault in &mut causes {
            if fault.code == "body_in_envelope"
                && let Some(name) = hints::envelope(self.body)
            {
                fault.clause = format!("{} (the body is {name})", fault.clause);
            }
        }
        causes.extend(evidence.presented.fault.clone());
        causes.extend(standing::fault(error, &evidence.time, self));
        proved(error, causes)
    }

    fn unexplained(
        &self,
        error: &WebhookError,
        evidence: &Evidence<'_>,
        gave_up: bool,
        signature: &str,
    ) -> Rejection {
        let digits = evidence.presented.digits();
        if let Some(algorithm) = other_algorithm(signature).filter(|_| digits < 64) {
            return proved(error, vec![of_other_algorithm(algorithm, signature)]);
        }
        let standing = standing::fault(error, &evidence.time, self);
        let others = evidence.presented.fault.iter().chain(&standing);
        let mut text = "The signature matches neither this body and timestamp nor any known way to change them by mistake; usually the secret belongs to another webhook or environment, the headers and the body are from different deliveries, the content of the body was changed, or the delivery is a forgery".to_owned();
        for fault in others {
            text.push_str("; also, ");
            text.push_str(&fault.clause);
        }
        text.push('.');
        Rejection {
            code: error.code(),
            causes: Vec::new(),
            explanation: text,
            hints: hints::hints(
                self.secrets,
                self.body,
                self.only("content-encoding"),
                gave_up,
            ),
        }
    }
}

fn proved(error: &WebhookError, causes: Vec<Fault>) -> Rejection {
    let clauses: Vec<_> = causes.iter().map(|fault| fault.clause.as_str()).collect();
    let text = match clauses.is_empty() {
        true => error.to_string(),
        false => clauses.join("; also, "),
    };
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    let mut explanation: String = first.into_iter().flatten().collect();
    explanation.push_str(characters.as_str());
    explanation.push('.');
    Rejection {
        code: error.code(),
        causes,
        explanation,
        hints: Vec::new(),
    }
}

/// The header contains nothing like an HMAC-SHA256.
fn unreadable(error: &WebhookError, signature: &str) -> Fault {
    match (other_algorithm(signature), scheme(signature)) {
        (Some(algorithm), _) => of_other_algorithm(algorithm, signature),
        (None, Some(scheme)) => Fault::new(
            "signature_malformed",
            format!("the signature has {scheme}; it must be v1= and 64 lower-case hex digits"),
        ),
        (None, None) => Fault::new("signature_malformed", error.to_string()),
    }
}

fn of_other_algorithm(algorithm: &str, signature: &str) -> Fault {
    let of = scheme(signature).map(|scheme| format!(" and {scheme}"));
    Fault::new(
        "signature_malformed",
        format!(
            "the header has {algorithm}{}; it must be HMAC-SHA256, as v1= and 64 lower-case hex digits",
            of.unwrap_or_default()
        ),
    )
}

/// For people: which secret matched.
pub(crate) fn describe(secret: MatchedSecret) -> &'static str {
    match secret {
        MatchedSecret::Current => "the current secret",
        MatchedSecret::Previous => "a previous secret",
    }
}
