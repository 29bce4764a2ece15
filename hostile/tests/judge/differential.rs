//! Core against the judge.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use nano_webhook_core::{
    Bytes, HeaderField, MatchedSecret, RequestHead, Secret, Tolerance, UnixTime, Verifier,
    WebhookError,
};

use crate::case::{Case, Settings};
use crate::draft::Draft;
use crate::node::{self, Judgement};
use crate::oracle::{Expected, Mode, expect};
use crate::tally::Tally;

/// As many as scripts/test can afford; scripts/test-all asks for more.
const CASES: usize = 5_000;

/// From this many on, each outcome must have been seen.
const ENOUGH_FOR_ALL: usize = 20_000;

/// What is asked of Node at once.
const BATCH: usize = 10_000;

#[test]
fn core_agrees_with_the_documented_check() {
    let (seed, cases) = seed_and_cases(CASES);
    println!("NANO_WEBHOOK_SEED={seed} NANO_WEBHOOK_CASES={cases}");
    let mut tally = Tally::default();
    for_each_judged(seed, cases, None, |index, case, judgement, text| {
        for mode in Mode::ALL {
            let (expected, difference) = expect(case, judgement, mode);
            tally.add(mode, expected, difference);
            let actual = verdict(case, mode);
            let text = || text.clone().unwrap_or_default();
            if let Err(problem) = compare(case, expected, actual, text) {
                panic!(
                    "NANO_WEBHOOK_SEED={seed}, case {index}, {mode:?}: {problem}\n{case:#?}\n{judgement:?}\nbody {}",
                    case.body.escape_ascii()
                );
            }
        }
    });
    println!("{tally}");
    if cases >= ENOUGH_FOR_ALL {
        tally.assert_complete();
    }
}

/// Drafts, signs and judges deliveries in batches. `each` gets the delivery, what
/// the documented function says of it, and its body's re-serialised text.
pub(crate) fn for_each_judged(
    seed: u64,
    cases: usize,
    fixed: Option<&[Settings]>,
    mut each: impl FnMut(usize, &Case, &Judgement, &Option<Vec<u8>>),
) {
    for start in (0..cases).step_by(BATCH) {
        let drafts: Vec<Draft> = (start..cases.min(start + BATCH))
            .map(|case| Draft::new(seed, case, fixed))
            .collect();
        let documents: Vec<Vec<u8>> = drafts.iter().map(|draft| draft.document.clone()).collect();
        let texts = node::texts(&documents);
        let cases: Vec<Case> = drafts
            .into_iter()
            .zip(&texts)
            .map(|(draft, text)| draft.finish(text.clone()))
            .map(|case| {
                if fixed.is_some() {
                    case.wire_safe()
                } else {
                    case
                }
            })
            .collect();
        let judgements = node::judge(&cases);
        for (at, case) in cases.iter().enumerate() {
            each(start + at, case, &judgements[at], &texts[at]);
        }
    }
}

/// Ours: the signature is right (of which secret, over which body), or a code.
pub(crate) enum Actual {
    Accepted {
        secret: Option<usize>,
        body: Bytes,
    },
    /// Accepted, but nobody saw what.
    AcceptedUnseen,
    Refused(String),
}

fn verdict(case: &Case, mode: Mode) -> Actual {
    let verifier = verifier(&case.settings, mode);
    let verdict = verifier
        .begin(&Headers(case), UnixTime::from_millis(case.now_ms))
        .and_then(|mut verification| {
            for chunk in case.chunks() {
                verification.push(Bytes::copy_from_slice(chunk))?;
            }
            verification.finish()
        });
    match verdict {
        Ok(delivery) => Actual::Accepted {
            secret: Some(match delivery.secret() {
                MatchedSecret::Current => 0,
                MatchedSecret::Previous(position) => position + 1,
            }),
            body: delivery.body().clone(),
        },
        // Correctly signed all the same.
        Err(WebhookError::InvalidEvent { body, .. }) => Actual::Accepted { secret: None, body },
        Err(error) => Actual::Refused(error.code().to_owned()),
    }
}

pub(crate) fn verifier(settings: &Settings, mode: Mode) -> Verifier {
    builder(settings, mode).build().unwrap()
}

pub(crate) fn builder(settings: &Settings, mode: Mode) -> nano_webhook_core::VerifierBuilder {
    let mut secrets = settings
        .secrets
        .iter()
        .map(|secret| Secret::new(secret).unwrap());
    let mut builder = Verifier::builder(secrets.next().unwrap())
        .tolerance(Tolerance::new(
            Duration::from_millis(settings.past_ms),
            Duration::from_millis(settings.future_ms),
        ))
        .body_limit(settings.max_body);
    for previous in secrets {
        builder = builder.previous_secret(previous);
    }
    match mode {
        Mode::Raw => builder,
        Mode::Reserialized => builder.accept_reserialized(),
    }
}

/// `text` is only asked for where it must be what was signed: then it is the
/// text of the body itself, since that is the document that was drafted.
pub(crate) fn compare(
    case: &Case,
    expected: Expected,
    actual: Actual,
    text: impl Fn() -> Vec<u8>,
) -> Result<(), String> {
    match (expected, actual) {
        (Expected::Refused(code), Actual::Refused(ours)) if ours == code => Ok(()),
        (Expected::Accepted { .. }, Actual::AcceptedUnseen) => Ok(()),
        (Expected::Accepted { secret, over }, Actual::Accepted { secret: ours, body }) => {
            if ours.is_some_and(|ours| ours != secret) {
                return Err(format!("matched secret {ours:?}, not {secret}"));
            }
            let signed = match over {
                Mode::Raw => case.body.clone(),
                Mode::Reserialized => text(),
            };
            match signed == body {
                true => Ok(()),
                false => Err(format!("the signed body is not {}", body.escape_ascii())),
            }
        }
        (expected, Actual::Refused(code)) => Err(format!("{code}, but must be {expected:?}")),
        (expected, _) => Err(format!("accepted, but must be {expected:?}")),
    }
}

struct Headers<'a>(&'a Case);

impl RequestHead for Headers<'_> {
    fn field_lines(&self) -> impl Iterator<Item = (&str, &[u8])> {
        [
            (HeaderField::Timestamp, &self.0.timestamps),
            (HeaderField::Signature, &self.0.signatures),
        ]
        .into_iter()
        .flat_map(|(field, values)| values.iter().map(move |value| (field.name(), &**value)))
    }
}

pub(crate) fn seed_and_cases(default_cases: usize) -> (u64, usize) {
    let seed = from_env("NANO_WEBHOOK_SEED").unwrap_or_else(|| RandomState::new().hash_one(()));
    let cases = from_env("NANO_WEBHOOK_CASES").unwrap_or(default_cases);
    (seed, cases)
}

fn from_env<T: std::str::FromStr>(name: &str) -> Option<T> {
    let value = std::env::var(name).ok()?;
    let parsed = value.parse();
    Some(parsed.unwrap_or_else(|_| panic!("{name} is not a number: {value:?}")))
}
