//! Nothing that is printed holds a secret.
//!
//! One test, because the log of a process has one subscriber: it runs receivers,
//! senders, the provider and the stores with everything captured that can be read
//! afterwards: each log line down to TRACE (those of the frameworks and clients
//! too), the `Debug` of each public type, each `Display`, each answer. Then it looks
//! for the secrets, the signatures and the keys, in every spelling in which they
//! could appear. The client, the simulator and the Redis store have such tests of their own.
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

use evidence::Evidence;
use nano_webhook_test_kit::LogCapture;
use needles::Needles;

/// The secrets of this run. Long and unlike any other text, so that a part of one
/// is found too.
const CURRENT: &str = "current+Zq8vXw3nKp5tRb7y";
const PREVIOUS: &str = "previous+Jh4mLc9sGd2fWe6u";
const FOREIGN: &str = "foreign+Vt1xBn8kQo3zYa5i";
const API_KEY: &str = "api-key+Mw7rPe2jUc4hDf9g";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_printed_holds_a_secret() {
    let log = LogCapture::start();
    let mut needles = Needles::default();
    for (name, secret) in [
        ("the current secret", CURRENT),
        ("the previous secret", PREVIOUS),
        ("a foreign secret", FOREIGN),
        ("the key of the API", API_KEY),
    ] {
        needles.secret(name, secret);
    }
    let mut evidence = Evidence::default();
    core::run(&mut evidence, &mut needles).await;
    adapters::run(&mut evidence, &mut needles).await;
    provider::run(&mut evidence, &mut needles).await;
    let log = log.text();
    for line in log.lines() {
        evidence.text("the log", line);
    }
    // All were heard.
    for place in [
        "nano_webhook_core",
        "h2::",
        "actix_http::",
        "hyper_util::client",
        "TRACE",
    ] {
        assert!(log.contains(place), "nothing was logged by {place}");
    }
    assert!(needles.len() > 40 && evidence.len() > 200);
    let found = evidence.find(&needles);
    assert!(
        found.is_empty(),
        "{} leaks:\n{}",
        found.len(),
        found.join("\n")
    );
}
