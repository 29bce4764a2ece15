//! Every document of JSONTestSuite, whether it must be accepted, must be
//! refused, or may be either.

use crate::compare;
use crate::judge::{Verdict, judge, suite};

#[test]
fn the_suite_is_read_as_node_reads_it() {
    let documents = suite();
    let count = |prefix: &str| {
        let named = documents
            .iter()
            .filter(|(name, _)| name.starts_with(prefix));
        named.count()
    };
    assert!(count("y_") >= 95, "{} documents to accept", count("y_"));
    assert!(count("n_") >= 185, "{} documents to refuse", count("n_"));
    assert!(count("i_") >= 30, "{} documents left open", count("i_"));

    let bodies: Vec<Vec<u8>> = documents.iter().map(|(_, body)| body.clone()).collect();
    judge(bodies, |index, body, verdict| {
        let name = &documents[index].0;
        // Otherwise the judge itself is not what it should be.
        match name.get(..2) {
            Some("y_") => assert!(matches!(verdict, Verdict::Text(_)), "{name}: {verdict}"),
            Some("n_") => assert_eq!(*verdict, Verdict::NotJson, "{name}"),
            _ => {}
        }
        compare(body, verdict).unwrap_or_else(|failure| panic!("{name}\n{failure}"));
    });
}
