//! Nothing that is printed holds a secret.
//!
//! One test, because the log of a process has one subscriber: it runs receivers,
//! senders, the provider and the stores with everything captured that can be read
//! afterwards: each log line down to TRACE (those of the frameworks and clients
//! too), the `Debug` of each public type, each `Display`, each answer. Then it looks
//! for the secrets, the signatures and the keys, in every spelling in which they
//! could appear. A public type that was never printed is a failure too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod adapters;
mod core;
mod evidence;
mod needles;
mod not_implemented;
mod provider;
mod public_types;
mod redis;

use evidence::Evidence;
use needles::Needles;

/// The secrets of this run. Long and unlike any other text, so that a part of one
/// is found too.
const CURRENT: &str = "current+Zq8vXw3nKp5tRb7y";
const PREVIOUS: &str = "previous+Jh4mLc9sGd2fWe6u";
const FOREIGN: &str = "foreign+Vt1xBn8kQo3zYa5i";
const API_KEY: &str = "api-key+Mw7rPe2jUc4hDf9g";
const PASSWORD: &str = "password+Xs6bTz1qNv8lKy3o";

#[test]
fn nothing_that_is_printed_holds_a_secret() {
    let log = evidence::capture_log();
    let mut needles = Needles::default();
    for (name, secret) in [
        ("the current secret", CURRENT),
        ("the previous secret", PREVIOUS),
        ("a foreign secret", FOREIGN),
        ("the key of the API", API_KEY),
        ("the password of the store", PASSWORD),
    ] {
        needles.secret(name, secret);
    }
    let mut evidence = Evidence::default();
    core::run(&mut evidence, &mut needles);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        adapters::run(&mut evidence, &mut needles).await;
        provider::run(&mut evidence, &mut needles).await;
        redis::run(&mut evidence).await;
    });
    drop(runtime);
    evidence.add_log(&log);

    // The net has no holes: what is there is found, from every corner.
    for place in [
        "nano_webhook_core::log",
        "h2::",
        "actix_http::",
        "hyper_util::client",
        "TRACE",
    ] {
        assert!(
            evidence.log_mentions(place),
            "nothing was logged by {place}"
        );
    }
    assert!(needles.len() > 40 && evidence.len() > 200);
    let printable = public_types::printable();
    assert!(printable.len() > 50, "{printable:?}");
    let missing: Vec<_> = printable
        .iter()
        .filter(|(krate, name)| !evidence.has_type(krate, name))
        .collect();
    assert!(missing.is_empty(), "never printed: {missing:#?}");
    println!(
        "{} needles, {} pieces of evidence",
        needles.len(),
        evidence.len()
    );

    assert_finds(&needles);
    let found = evidence.find(&needles);
    assert!(
        found.is_empty(),
        "{} leaks:\n{}",
        found.len(),
        found.join("\n")
    );
}

/// What is looked for is found, however it is printed.
fn assert_finds(needles: &Needles) {
    let bytes = CURRENT.as_bytes();
    for leak in [
        format!("{{\"secret\":\"{CURRENT}\"}}"),
        FOREIGN.to_uppercase(),
        // Cut off at both ends.
        PASSWORD[6..PASSWORD.len() - 2].to_owned(),
        bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
        format!("{bytes:?}"),
        format!("{:#?}", vec![Some(bytes)]),
        format!("{:?}", Some(API_KEY)),
    ] {
        let mut evidence = Evidence::default();
        evidence.text("a leak", &leak);
        assert!(!evidence.find(needles).is_empty(), "{leak}");
    }
}
