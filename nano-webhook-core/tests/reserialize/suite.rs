//! Every document of JSONTestSuite, whether it must be accepted, must be
//! refused, or may be either.

use crate::compare;
use crate::judge::{Verdict, judge, suite};

#[test]
fn the_suite_is_read_as_node_reads_it() {
    let (names, bodies): (Vec<_>, Vec<_>) = suite().into_iter().unzip();
    let verdicts = judge(&bodies);
    let mut counts = [0; 3];
    for ((name, body), verdict) in names.iter().zip(&bodies).zip(&verdicts) {
        // Otherwise the judge itself is not what it should be.
        let kind = match name.get(..2) {
            Some("y_") => {
                assert!(matches!(verdict, Verdict::Text(_)), "{name}: {verdict}");
                0
            }
            Some("n_") => {
                assert_eq!(*verdict, Verdict::NotJson, "{name}");
                1
            }
            _ => 2,
        };
        counts[kind] += 1;
        compare(body, verdict).unwrap_or_else(|failure| panic!("{name}\n{failure}"));
    }
    let [accepted, refused, open] = counts;
    assert!(accepted >= 95 && refused >= 185 && open >= 30, "{counts:?}");
}
