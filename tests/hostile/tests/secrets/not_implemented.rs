//! What the types cannot do, so that it is not done by mistake. It does not
//! compile if one of them can.

use std::borrow::Borrow;
use std::fmt::Display;
use std::hash::Hash;
use std::ops::Deref;

use nano_webhook_client::{Auth, ClientBuilder, NewWebhook};
use nano_webhook_core::{Secret, SignedHeaders, Signer, Verifier, VerifierBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use static_assertions::assert_not_impl_any;

// A comparison would not be in constant time; what turns into text by itself ends up in a
// log.
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
