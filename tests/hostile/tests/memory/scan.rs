//! Looks for a text in the memory of this process, and holds no copy of it.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;

/// A random secret, kept as something else, so that the only copies of it are those
/// that were asked for.
pub(crate) struct Disguised(Vec<u8>);

/// Its letters differ by this from those that are kept.
const DISGUISE: u8 = b'a' ^ b'A';

/// What HMAC does to each byte of its key: nothing yet, the inner block, the outer one.
const PADS: [u8; 3] = [0, 0x36, 0x5c];

/// How much of a stack may have been in use.
const STACK: usize = 1 << 20;

impl Disguised {
    pub(crate) fn new(length: usize) -> Self {
        Self((0..length).map(|_| fastrand::u8(b'A'..=b'Z')).collect())
    }

    /// The secret, in memory of exactly its size.
    pub(crate) fn reveal(&self) -> String {
        let mut text = String::with_capacity(self.0.len());
        text.extend(self.0.iter().map(|byte| char::from(byte ^ DISGUISE)));
        text
    }

    /// How often the secret, or its key block (RFC 2104), stands in the heap or in static
    /// memory. Its middle will do: an allocator writes into the ends of what it was given
    /// back. The stack of this thread is left out.
    pub(crate) fn copies_on_heap(&self) -> usize {
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
        for (start, end) in writable() {
            let mut at = start;
            while at < end {
                let part = &mut scratch[..(end - at).min(1 << 20)];
                // Some mappings of the kernel cannot be read.
                let Ok(read) = memory.read_at(part, at as u64) else {
                    break;
                };
                if read < middle.len() {
                    break;
                }
                for offset in 0..=read - middle.len() {
                    if !may_start[usize::from(part[offset])] {
                        continue;
                    }
                    let place = at + offset;
                    if own.contains(&place) || !PADS.iter().any(|pad| is_at(&part[offset..], pad)) {
                        continue;
                    }
                    copies += usize::from(!here.contains(&place));
                }
                // What lies across the border is seen by the next part.
                at += read - middle.len() + 1;
            }
        }
        copies
    }
}

#[inline(never)]
fn own_stack() -> std::ops::Range<usize> {
    let local = 0_u8;
    let here = std::ptr::from_ref(&local).addr();
    here.saturating_sub(STACK)..here + STACK
}

/// What is mapped for reading and writing.
fn writable() -> Vec<(usize, usize)> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let parse = |line: &str| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let hex = |text| usize::from_str_radix(text, 16).ok();
        rest.starts_with("rw").then_some((hex(start)?, hex(end)?))
    };
    maps.lines().filter_map(parse).collect()
}
