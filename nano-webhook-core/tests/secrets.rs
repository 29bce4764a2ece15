//! What is a secret, what is dropped of a file, and what is warned about.
#![allow(clippy::unwrap_used)]

use nano_webhook_core::MatchedSecret::{Current, Previous};
use nano_webhook_core::{Secret, SecretWarning, Verifier};
use nano_webhook_test_kit::SignedRequest;

#[test]
fn one_newline_of_a_file_is_dropped_and_nothing_blank_is_a_secret() {
    let file = std::env::temp_dir().join(format!("nano-webhook-secret-{}", std::process::id()));
    for (content, expected) in [
        ("secret", Some("secret")),
        ("secret\n", Some("secret")),
        ("secret\r\n", Some("secret")),
        ("secret\n\n", Some("secret\n")),
        (" secret ", Some(" secret ")),
        ("secret\r", Some("secret\r")),
        ("\"secret\"", Some("\"secret\"")),
        ("", None),
        ("\n", None),
        ("\n\n", None),
        (" \t\r\n", None),
        ("\"\"", None),
        ("''\n", None),
        ("` `", None),
        ("\u{feff}", None),
        ("\u{200b}\u{200d}\u{2060}", None),
        ("\u{201c}\u{201d}", None),
        ("\u{a0}\u{ad}", None),
        ("\0\0", None),
    ] {
        std::fs::write(&file, content).unwrap();
        let from_file = Secret::from_file(&file).ok();
        assert_eq!(
            from_file.as_ref().map(Secret::expose),
            expected,
            "{content:?}"
        );
        assert_eq!(Secret::new(content).is_ok(), expected.is_some());
    }
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn what_looks_wrong_is_warned_about() {
    use SecretWarning::{Decorated, Placeholder, Short};

    for (text, expected) in [
        ("sixteen-bytes---", &[] as &[_]),
        ("sixteen-bytes--}", &[]),
        ("fifteen-bytes--", &[Short]),
        ("a-secret-of-some-length\n", &[Decorated]),
        ("\"a-secret-of-some-length\"", &[Decorated]),
        ("\u{feff}a-secret-of-some-length", &[Decorated]),
        ("${NANO_WEBHOOK_SECRET}", &[Placeholder]),
        (" ${SECRET}", &[Short, Decorated, Placeholder]),
    ] {
        let warnings: Vec<_> = Secret::new(text).unwrap().warnings().collect();
        assert_eq!(warnings, expected, "{text:?}");
    }
}

/// Without a restart, for every clone, and for requests that begin after it.
#[test]
fn a_verifier_takes_new_secrets() {
    let [old, new] = ["the old secret, long enough", "the new secret, long enough"]
        .map(|text| Secret::new(text).unwrap());
    let now = SignedRequest::NOW;
    let body = r#"{"event":"job.failed","task_id":"t"}"#;
    let signed = |secret: &Secret| SignedRequest::signed(secret.expose(), now, body);
    let verifier = Verifier::new(old.clone());
    let clone = verifier.clone();
    let matched = || {
        [&old, &new].map(|secret| {
            let SignedRequest { headers, body, .. } = signed(secret);
            let verified = clone.verify(&headers, body, now);
            verified.map(|delivery| delivery.secret()).ok()
        })
    };
    let begun = signed(&old);
    let mut verification = clone.begin(&begun.headers, now).unwrap();

    assert_eq!(matched(), [Some(Current), None]);
    verifier.replace_secrets(&new, std::slice::from_ref(&old));
    assert_eq!(matched(), [Some(Previous), Some(Current)]);
    verifier.replace_secrets(&new, &[]);
    assert_eq!(matched(), [None, Some(Current)]);
    verification.push(begun.body.into()).unwrap();
    // It began under the old secret.
    assert_eq!(verification.matched_secret(), Some(Current));
}

#[test]
#[rustfmt::skip]
fn a_mismatch_says_what_to_look_at() {
    const CLUES: [&str; 3] = ["body is empty", "re-formatted it", "A secret begins"];
    for (current, previous, body, tried, expected) in [
        ("the secret", &[][..], "{}", "1 secret(s) on 2 bytes", [false, false, false]),
        ("the secret", &["old"], "{\n}", "2 secret(s) on 3 bytes", [false, true, false]),
        ("'the secret'", &[], "{} ", "1 secret(s) on 3 bytes", [false, true, true]),
        ("the secret", &["old\t", "older"], "{}", "3 secret(s) on 2 bytes", [false, false, true]),
        ("the secret", &[], "", "1 secret(s) on 0 bytes", [true, false, false]),
    ] {
        let secret = |text: &str| Secret::new(text).unwrap();
        let verifier = Verifier::builder(secret(current));
        let verifier = (previous.iter()).fold(verifier, |it, old| it.previous_secret(secret(old)));
        let now = SignedRequest::NOW;
        let SignedRequest { headers, body, .. } = SignedRequest::signed("another", now, body);
        let error = verifier.build().unwrap().verify(&headers, body, now).unwrap_err().to_string();
        assert!(error.contains(&format!("tried {tried}")), "{error}");
        assert_eq!(CLUES.map(|clue| error.contains(clue)), expected, "{error}");
    }
}
