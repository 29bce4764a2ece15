//! How far secrets are overwritten: the memory of this process is searched for one
//! after those that held it are gone. One test, because it looks at all of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod scan;

use nano_webhook_core::{Secret, Signer, UnixTime, Verifier};
use scan::Disguised;
use sha2::Sha256;
use static_assertions::assert_impl_all;
use zeroize::{ZeroizeOnDrop, Zeroizing};

// What cannot be searched for: HMAC holds two states of this hash and a block buffer.
assert_impl_all!(Sha256: ZeroizeOnDrop);

const BODY: &[u8] = br#"{"event":"job.failed","task_id":"task_1"}"#;

#[test]
fn what_held_a_secret_leaves_no_copy_on_the_heap() {
    // More than 64 bytes are hashed before they become a key.
    for length in [48, 200] {
        let disguised = Disguised::new(length);
        let assert_heap = |copies, when: &str| {
            assert_eq!(disguised.copies_on_heap(), copies, "{length} bytes: {when}");
        };

        // What is there is found.
        let secret = Secret::new(disguised.reveal()).unwrap();
        assert_heap(1, "in a `Secret`");

        let signer = Signer::new(secret.clone());
        let verifier = Verifier::new(secret);
        assert_heap(0, "a verifier took it");

        let now = UnixTime::now();
        let signed = signer.sign(now, BODY);
        assert!(verifier.verify(&signed.to_pairs(), BODY, now).is_ok());
        assert_heap(0, "a delivery was verified");
        drop((signer, verifier));
        assert_heap(0, "signer and verifier are gone");

        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), Zeroizing::new(disguised.reveal()).as_bytes()).unwrap();
        let secret = Secret::from_file(file.path()).unwrap();
        assert_heap(1, "in a `Secret` from a file");
        drop(secret);
        assert_heap(0, "it is gone");

        // What is freed and not overwritten is found. Last, because it stays.
        drop(disguised.reveal());
        if length == 200 {
            assert_ne!(
                disguised.copies_on_heap(),
                0,
                "the search misses what was freed"
            );
        }
    }
}
