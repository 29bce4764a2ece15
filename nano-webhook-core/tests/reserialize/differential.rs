//! Generated documents, ours against Node's.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

use crate::compare;
use crate::generator::Generator;
use crate::judge::{Verdict, judge};

/// For a quick run; a longer one sets `NANO_WEBHOOK_CASES`.
const CASES: usize = 5_000;

#[test]
fn generated_documents_are_read_as_node_reads_them() {
    let seed = from_env("NANO_WEBHOOK_SEED").unwrap_or_else(|| RandomState::new().hash_one(()));
    let cases = from_env("NANO_WEBHOOK_CASES").unwrap_or(CASES);
    println!("NANO_WEBHOOK_SEED={seed} NANO_WEBHOOK_CASES={cases}");

    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let bodies = (0..cases).map(move |case| Generator::for_case(seed, case).document());
    judge(bodies, |case, body, verdict| {
        if let Err(failure) = compare(body, verdict) {
            panic!("NANO_WEBHOOK_SEED={seed}, case {case}\n{failure}");
        }
        let kind = match verdict {
            Verdict::Text(text) if text == body => "canonical",
            Verdict::Text(_) => "rewritten",
            Verdict::LoneSurrogate => "lone surrogate",
            Verdict::TooDeep => "too deep",
            Verdict::NotJson => "not JSON",
            Verdict::NotUtf8 => "not UTF-8",
        };
        *seen.entry(kind).or_default() += 1;
    });

    println!("{seen:?}");
    // A generator that makes one kind only would prove nothing.
    if cases >= CASES {
        let share = |kind: &str| seen.get(kind).map_or(0.0, |n| *n as f64 / cases as f64);
        assert!(share("rewritten") > 0.4, "{seen:?}");
        assert!(share("not JSON") > 0.05, "{seen:?}");
        for kind in ["canonical", "lone surrogate", "too deep", "not UTF-8"] {
            assert!(share(kind) > 0.001, "{kind}: {seen:?}");
        }
    }
}

fn from_env<T: std::str::FromStr>(name: &str) -> Option<T> {
    let value = std::env::var(name).ok()?;
    let parsed = value.parse();
    Some(parsed.unwrap_or_else(|_| panic!("{name} is not a number: {value:?}")))
}
