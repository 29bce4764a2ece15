//! Core against the documented function.

use std::collections::BTreeMap;
use std::time::Duration;

use nano_webhook_core::{
    Bytes, MatchedSecret, Secret, UnixTime, Verifier, VerifierBuilder, WebhookError, reserialize,
};
use nano_webhook_test_kit::{number, seed};

use crate::case::{Case, Settings};
use crate::draft::Draft;
use crate::node::{self, Judgement};
use crate::oracle::{Expected, Mode, expect};

/// As many as scripts/test can afford; scripts/test-all asks for more.
const CASES: usize = 5_000;

/// From this many on, each outcome must have been seen.
const ENOUGH_FOR_ALL: usize = 20_000;

/// How many are asked of Node at once.
const BATCH: usize = 10_000;

#[test]
fn core_agrees_with_the_documented_check() {
    let (seed, cases) = (seed(), number("NANO_WEBHOOK_CASES", CASES));
    let mut tally = Tally::default();
    for_each_judged(seed, cases, None, |index, case, judgement, text| {
        for mode in Mode::ALL {
            let expected = tally.expect(case, judgement, mode);
            let actual = actual(case, mode);
            if let Err(problem) = compare(case, expected, actual, text) {
                let body = case.body.escape_ascii();
                panic!("case {index}, {mode:?}: {problem}\n{case:#?}\n{judgement:?}\nbody {body}");
            }
        }
    });
    println!("{cases} cases, each outcome: {:#?}", tally.0);
    if cases >= ENOUGH_FOR_ALL {
        tally.assert_complete(2 * cases);
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
        let texts = node::texts(drafts.iter().map(|draft| &draft.document));
        for (Draft { document, .. }, text) in drafts.iter().zip(&texts) {
            if let Ok(ours) = reserialize(document, usize::MAX) {
                assert_eq!(Some(ours), *text, "{}", document.escape_ascii());
            }
        }
        let cases = drafts.into_iter().zip(&texts);
        let cases = cases.map(|(draft, text)| draft.finish(text.clone()));
        let cases: Vec<Case> = match fixed {
            Some(_) => cases.map(Case::wire_safe).collect(),
            None => cases.collect(),
        };
        let judgements = node::judge(&cases);
        for (at, case) in cases.iter().enumerate() {
            each(start + at, case, &judgements[at], &texts[at]);
        }
    }
}

/// How often a run has seen what, so that a generator that makes one kind only is noticed.
#[derive(Default)]
pub(crate) struct Tally(pub(crate) BTreeMap<String, usize>);

impl Tally {
    pub(crate) fn expect(&mut self, case: &Case, judgement: &Judgement, mode: Mode) -> Expected {
        let (expected, difference) = expect(case, judgement, mode);
        let outcome = match expected {
            Expected::Accepted { secret, over } => format!("accepted {over:?} {}", secret.min(1)),
            Expected::Refused(code) => code.to_owned(),
        };
        let difference = difference.map(|why| format!("unlike the documented function: {why}"));
        for seen in [outcome].into_iter().chain(difference) {
            *self.0.entry(seen).or_default() += 1;
        }
        expected
    }

    fn assert_complete(&self, verdicts: usize) {
        let count = |seen: &str| self.0.get(seen).copied().unwrap_or_default();
        let accepted = ["Raw 0", "Raw 1", "Reserialized 0", "Reserialized 1"]
            .map(|how| format!("accepted {how}"));
        let refused = [
            "duplicate_header",
            "missing_header",
            "malformed_timestamp",
            "malformed_signature",
            "timestamp_out_of_tolerance",
            "body_too_large",
            "signature_mismatch",
        ];
        for outcome in accepted.iter().map(String::as_str).chain(refused) {
            assert!(count(outcome) * 200 > verdicts, "{outcome} is rare");
        }
        for why in [
            "duplicate_header",
            "missing_header",
            "malformed_timestamp",
            "timestamp_out_of_tolerance",
            "body_too_large",
            "not UTF-8",
            "half a surrogate pair",
            "nested too deep",
            "text too large",
        ] {
            let seen = count(&format!("unlike the documented function: {why}"));
            assert!(seen > 0, "{why} was never seen");
        }
    }
}

/// What a receiver says: the signature is right (of which secret, over which body), or a code.
pub(crate) enum Actual {
    Accepted {
        /// Whether the current one matched, where that can be seen.
        is_current: Option<bool>,
        /// The signed body, where that can be seen.
        body: Option<Bytes>,
    },
    Refused(String),
}

impl Actual {
    fn of_error(error: &WebhookError) -> Self {
        match error.signed_body() {
            // Correctly signed all the same.
            Some(body) => Self::Accepted {
                is_current: None,
                body: Some(body.clone()),
            },
            None => Self::Refused(error.code().to_owned()),
        }
    }
}

fn actual(case: &Case, mode: Mode) -> Actual {
    let verifier = builder(&case.settings, mode).build().unwrap();
    let verified = verifier
        .begin(&case.headers(), UnixTime::from_millis(case.now_ms))
        .and_then(|mut verification| {
            for chunk in case.chunks() {
                verification.push(Bytes::copy_from_slice(chunk))?;
            }
            verification.finish()
        });
    match verified {
        Ok(delivery) => Actual::Accepted {
            is_current: Some(delivery.secret() == MatchedSecret::Current),
            body: Some(delivery.body().clone()),
        },
        Err(error) => Actual::of_error(&error),
    }
}

pub(crate) fn builder(settings: &Settings, mode: Mode) -> VerifierBuilder {
    let mut secrets = settings.secrets.iter();
    let mut next = || Some(Secret::new(secrets.next()?).unwrap());
    let mut builder = Verifier::builder(next().unwrap())
        .tolerance(Duration::from_millis(settings.past_ms))
        .tolerance_ahead(Duration::from_millis(settings.future_ms))
        .body_limit(settings.max_body);
    while let Some(previous) = next() {
        builder = builder.previous_secret(previous);
    }
    match mode {
        Mode::Raw => builder,
        Mode::Reserialized => builder.accept_reserialized(),
    }
}

/// `text` is that of the body itself wherever it must be what was signed.
pub(crate) fn compare(
    case: &Case,
    expected: Expected,
    actual: Actual,
    text: &Option<Vec<u8>>,
) -> Result<(), String> {
    match (expected, actual) {
        (Expected::Refused(code), Actual::Refused(ours)) if ours == code => Ok(()),
        (Expected::Accepted { secret, over }, Actual::Accepted { is_current, body }) => {
            if is_current.is_some_and(|is_current| is_current != (secret == 0)) {
                return Err(format!("did not match secret {secret}"));
            }
            let signed = match over {
                Mode::Raw => &case.body,
                Mode::Reserialized => text.as_ref().unwrap(),
            };
            match body {
                Some(body) if body != signed => {
                    Err(format!("the signed body is not {}", body.escape_ascii()))
                }
                _ => Ok(()),
            }
        }
        (expected, Actual::Refused(code)) => Err(format!("{code}, but must be {expected:?}")),
        (expected, _) => Err(format!("accepted, but must be {expected:?}")),
    }
}
