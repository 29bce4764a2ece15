//! How far secrets are overwritten: the memory of this process is searched for one
//! after those that held it are gone. One test, because it looks at all of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs::{self, File};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;

use nano_webhook_core::{Secret, Signer, UnixTime, Verifier};
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

        // A secret that is in memory is found.
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
        fs::write(file.path(), Zeroizing::new(disguised.reveal()).as_bytes()).unwrap();
        let secret = Secret::from_file(file.path()).unwrap();
        assert_heap(1, "in a `Secret` from a file");
        drop(secret);
        assert_heap(0, "it is gone");

        // What is freed and not overwritten is found. Last, because it stays.
        drop(disguised.reveal());
        if length == 200 {
            assert_ne!(disguised.copies_on_heap(), 0, "what was freed is missed");
        }
    }
}

/// A random secret, kept as something else, so that the only copies of it are those
/// that were asked for.
struct Disguised(Vec<u8>);

/// Its letters differ by this from those that are kept.
const DISGUISE: u8 = b'a' ^ b'A';

/// What HMAC does to each byte of its key: nothing yet, the inner block, the outer one.
const PADS: [u8; 3] = [0, 0x36, 0x5c];

/// How much of a stack may have been in use.
const STACK: usize = 1 << 20;

impl Disguised {
    fn new(length: usize) -> Self {
        Self((0..length).map(|_| fastrand::u8(b'A'..=b'Z')).collect())
    }

    /// The secret, in memory of exactly its size.
    fn reveal(&self) -> String {
        let mut text = String::with_capacity(self.0.len());
        text.extend(self.0.iter().map(|byte| char::from(byte ^ DISGUISE)));
        text
    }

    /// How often the secret, or its key block (RFC 2104), stands in the heap or in static
    /// memory. Its middle will do: an allocator writes into the ends of what it was given
    /// back. The stack of this thread is left out.
    fn copies_on_heap(&self) -> usize {
        let middle = &self.0[self.0.len() / 2..self.0.len() - 8];
        let starts = |byte: u8| PADS.iter().any(|pad| byte ^ pad ^ DISGUISE == middle[0]);
        let may_start: [bool; 256] = std::array::from_fn(|byte| starts(byte as u8));
        let is_at = |bytes: &[u8], pad: &u8| {
            let mut pairs = bytes.iter().zip(middle);
            pairs.all(|(seen, kept)| seen ^ pad ^ DISGUISE == *kept)
        };

        let memory = File::open("/proc/self/mem").unwrap();
        let mut scratch = vec![0; 1 << 20];
        let own = scratch.as_ptr().addr()..scratch.as_ptr().addr() + scratch.len();
        let here = own_stack();
        let mut copies = 0;
        for Range { start: mut at, end } in writable() {
            while at < end {
                let part = &mut scratch[..(end - at).min(1 << 20)];
                // Some mappings of the kernel cannot be read.
                let read = memory.read_at(part, at as u64).unwrap_or_default();
                if read < middle.len() {
                    break;
                }
                for offset in 0..=read - middle.len() {
                    let place = at + offset;
                    let is_copy = may_start[usize::from(part[offset])]
                        && PADS.iter().any(|pad| is_at(&part[offset..], pad));
                    copies +=
                        usize::from(is_copy && !own.contains(&place) && !here.contains(&place));
                }
                // What lies across the border is seen by the next part.
                at += read - middle.len() + 1;
            }
        }
        copies
    }
}

#[inline(never)]
fn own_stack() -> Range<usize> {
    let local = 0_u8;
    let here = std::ptr::from_ref(&local).addr();
    here.saturating_sub(STACK)..here + STACK
}

/// What is mapped for reading and writing.
fn writable() -> Vec<Range<usize>> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let parse = |line: &str| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let hex = |text| usize::from_str_radix(text, 16).ok();
        rest.starts_with("rw").then_some(hex(start)?..hex(end)?)
    };
    maps.lines().filter_map(parse).collect()
}
