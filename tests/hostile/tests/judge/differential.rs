//! Core against the documented function.

use std::collections::BTreeMap;
use std::time::Duration;

use nano_webhook_core::{
    Bytes, MatchedSecret, Secret, UnixTime, Verifier, VerifierBuilder, reserialize,
};
use nano_webhook_test_kit::oracle::head::Limits;
use nano_webhook_test_kit::{number, seed};

use crate::case::Case;
use crate::draft::Draft;
use crate::node::{self, Judgement};
use crate::oracle::{Expected, Mode, expect, rejected_document};

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
            if let Err(problem) = compare(case, expected, actual(case, mode), text) {
                let body = case.body.escape_ascii();
                panic!("case {index}, {mode:?}: {problem}\n{case:#?}\n{judgement:?}\nbody {body}");
            }
        }
    });
    println!("{cases} cases: {tally:#?}");
    if cases >= ENOUGH_FOR_ALL {
        let (outcomes, differences) = (tally.outcomes.len(), tally.differences.len());
        assert_eq!((outcomes, differences), (11, 9), "all are seen");
        let rare = |(_, count): &(&String, &usize)| **count * 100 < cases;
        assert_eq!(tally.outcomes.iter().find(rare), None, "is rare");
    }
}

/// Drafts, signs and judges deliveries in batches. `each` gets the delivery, what
/// the documented function says of it, and its body's re-serialised text.
pub(crate) fn for_each_judged(
    seed: u64,
    cases: usize,
    fixed: Option<&[(Vec<String>, Limits)]>,
    mut each: impl FnMut(usize, &Case, &Judgement, &Option<Vec<u8>>),
) {
    for start in (0..cases).step_by(BATCH) {
        let drafts: Vec<Draft> = (start..cases.min(start + BATCH))
            .map(|case| Draft::new(seed, case, fixed))
            .collect();
        let texts = node::texts(drafts.iter().map(|draft| &draft.case.body));
        for (Draft { case, .. }, text) in drafts.iter().zip(&texts) {
            let expected = text
                .clone()
                .filter(|_| rejected_document(&case.body).is_none());
            let ours = reserialize(&case.body, usize::MAX).ok();
            assert_eq!(ours, expected, "{}", case.body.escape_ascii());
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
#[derive(Debug, Default)]
pub(crate) struct Tally {
    outcomes: BTreeMap<String, usize>,
    /// Where the documented function says otherwise.
    differences: BTreeMap<&'static str, usize>,
}

impl Tally {
    pub(crate) fn expect(&mut self, case: &Case, judgement: &Judgement, mode: Mode) -> Expected {
        let (expected, difference) = expect(case, judgement, mode);
        let outcome = match expected {
            Ok((secret, over)) => format!("accepted {over:?} {}", secret.min(1)),
            Err(code) => code.to_owned(),
        };
        *self.outcomes.entry(outcome).or_default() += 1;
        if let Some(why) = difference {
            *self.differences.entry(why).or_default() += 1;
        }
        expected
    }
}

/// What a receiver says: whether the current secret signed, and over which body, where these
/// can be seen; or a code.
pub(crate) type Actual = Result<(Option<bool>, Option<Bytes>), String>;

fn actual(case: &Case, mode: Mode) -> Actual {
    let verifier = builder(&case.secrets, &case.limits, mode).build().unwrap();
    let now = UnixTime::from_millis(case.limits.now_ms);
    let verified = verifier.begin(&case.headers(), now);
    let verified = verified.and_then(|mut verification| {
        for chunk in case.chunks() {
            verification.push(Bytes::copy_from_slice(chunk))?;
        }
        verification.finish()
    });
    match verified {
        Ok(delivery) => {
            let is_current = delivery.secret() == MatchedSecret::Current;
            Ok((Some(is_current), Some(delivery.body().clone())))
        }
        Err(error) => match error.signed_body() {
            // Correctly signed all the same.
            Some(body) => Ok((None, Some(body.clone()))),
            None => Err(error.code().to_owned()),
        },
    }
}

pub(crate) fn builder(secrets: &[String], limits: &Limits, mode: Mode) -> VerifierBuilder {
    let mut secrets = secrets.iter().map(|secret| Secret::new(secret).unwrap());
    let mut builder = Verifier::builder(secrets.next().unwrap())
        .tolerance(Duration::from_millis(limits.past_ms))
        .tolerance_ahead(Duration::from_millis(limits.future_ms))
        .body_limit(limits.max_body);
    for previous in secrets {
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
    let agrees = match (&expected, &actual) {
        (Err(code), Err(ours)) => code == ours,
        (Ok((secret, over)), Ok((is_current, body))) => {
            let signed = match over {
                Mode::Raw => &case.body,
                Mode::Reserialized => text.as_ref().unwrap(),
            };
            is_current.is_none_or(|is_current| is_current == (*secret == 0))
                && body.as_ref().is_none_or(|body| body == signed)
        }
        _ => false,
    };
    match agrees {
        true => Ok(()),
        false => Err(format!("{actual:?}, not {expected:?} over {text:?}")),
    }
}
