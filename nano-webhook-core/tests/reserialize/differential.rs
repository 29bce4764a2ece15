//! Generated documents, ours against Node's.

use std::collections::BTreeMap;

use nano_webhook_test_kit::{number, seed};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::compare;
use crate::generator::document;
use crate::judge::{Verdict, judge};

/// For a quick run; a longer one sets `NANO_WEBHOOK_CASES`.
const CASES: usize = 5_000;

#[test]
fn generated_documents_are_read_as_node_reads_them() {
    let cases = number("NANO_WEBHOOK_CASES", CASES);
    let seed = [seed(); 2].map(u64::to_le_bytes).concat();
    let random = TestRng::from_seed(RngAlgorithm::XorShift, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let (document, mut seen) = (document(), BTreeMap::<&str, usize>::new());
    let mut generate = |_| document.new_tree(&mut runner).unwrap().current();
    let bodies: Vec<_> = (0..cases).map(&mut generate).collect();
    for (body, verdict) in bodies.iter().zip(judge(&bodies)) {
        compare(body, &verdict).unwrap_or_else(|failure| panic!("{failure}"));
        let kind = match verdict {
            Verdict::Text(text) if text == *body => "canonical",
            Verdict::Text(_) => "rewritten",
            Verdict::LoneSurrogate => "lone surrogate",
            Verdict::TooDeep => "too deep",
            Verdict::NotJson => "not JSON",
            Verdict::NotUtf8 => "not UTF-8",
        };
        *seen.entry(kind).or_default() += 1;
    }

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
