//! Nothing that is printed holds a secret.
//!
//! One test, because the log of a process has one subscriber: it runs receivers,
//! senders, the provider and the stores with everything captured that can be read
//! afterwards: each log line down to TRACE (those of the frameworks and clients
//! too), the `Debug` of each public type, each `Display`, each answer. Then it looks
//! for the secrets, the signatures and the keys, in every spelling in which they
//! could appear. The client, the simulator and the Redis store have such tests of their own.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice)]

mod adapters;
mod core;
mod provider;
mod search;

use std::borrow::Borrow;
use std::fmt::Display;
use std::hash::Hash;
use std::ops::Deref;

use nano_webhook_client::{Auth, ClientBuilder, NewWebhook};
use nano_webhook_core::{Secret, SignedHeaders, Signer, Verifier, VerifierBuilder};
use nano_webhook_test_kit::LogCapture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use static_assertions::assert_not_impl_any;

use self::search::Search;

/// The secrets of this run. Long and unlike any other text, so that a part of one
/// is found too.
const CURRENT: &str = "current+Zq8vXw3nKp5tRb7y";
const PREVIOUS: &str = "previous+Jh4mLc9sGd2fWe6u";
const FOREIGN: &str = "foreign+Vt1xBn8kQo3zYa5i";
const API_KEY: &str = "api-key+Mw7rPe2jUc4hDf9g";

// Traits that the types must not implement: a comparison would not be in constant time;
// what turns into text by itself ends up in a log.
assert_not_impl_any!(Secret: Copy, Default, PartialEq<Secret>, PartialEq<str>, PartialOrd<Secret>, Hash);
assert_not_impl_any!(Secret: Display, Serialize, DeserializeOwned, Into<String>, ToString);
assert_not_impl_any!(Secret: AsRef<str>, AsRef<[u8]>, Deref, Borrow<str>);
assert_not_impl_any!(Signer: Display, Serialize, DeserializeOwned, PartialEq<Signer>);
assert_not_impl_any!(SignedHeaders: Display, Serialize, DeserializeOwned);
assert_not_impl_any!(Verifier: Display, Serialize, DeserializeOwned, PartialEq<Verifier>);
assert_not_impl_any!(VerifierBuilder: Clone, Display, Serialize, DeserializeOwned);
assert_not_impl_any!(Auth: Clone, Display, Serialize, DeserializeOwned);
assert_not_impl_any!(ClientBuilder: Clone, Display, Serialize, DeserializeOwned);
assert_not_impl_any!(NewWebhook: Clone, Display, Serialize, DeserializeOwned);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_printed_holds_a_secret() {
    let log = LogCapture::start();
    let mut search = Search::default();
    for (name, secret) in [
        ("the current secret", CURRENT),
        ("the previous secret", PREVIOUS),
        ("a foreign secret", FOREIGN),
        ("the key of the API", API_KEY),
    ] {
        search.hide(name, secret);
    }
    core::run(&mut search).await;
    adapters::run(&mut search).await;
    provider::run(&mut search).await;
    let log = log.text();
    for line in log.lines() {
        search.text("the log", line);
    }
    let places = "nano_webhook_core h2:: actix_http:: hyper_util::client TRACE";
    for place in places.split(' ') {
        assert!(log.contains(place), "nothing was logged by {place}");
    }
    let found = search.find();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
