//! What nobody can be faster than: the SHA-256 compressions of a pre-keyed HMAC.

use std::hint::black_box;

use sha2::block_api::compress256;

use crate::rounds::Case;

pub(crate) const NAME: &str = "floor";

/// The compressions of the inner and of the outer hash over a timestamp of ten
/// digits, a dot, and a body of this size.
pub(crate) fn floor(group: &'static str, body_len: usize) -> Case {
    let padding = 9;
    let blocks = vec![[0x5a_u8; 64]; (10 + 1 + body_len + padding).div_ceil(64)];
    Case::new(group, NAME, move || {
        let mut inner = [0x0123_4567_u32; 8];
        compress256(&mut inner, black_box(&blocks));
        let mut outer_block = [0; 64];
        for (bytes, word) in outer_block.as_chunks_mut::<4>().0.iter_mut().zip(inner) {
            *bytes = word.to_be_bytes();
        }
        let mut outer = [0x89ab_cdef_u32; 8];
        compress256(&mut outer, &[outer_block]);
        outer
    })
}
