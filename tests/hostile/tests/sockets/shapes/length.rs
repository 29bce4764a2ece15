//! `Content-Length`, true and false.

use super::Wire::{Framed, Made, With};
use super::{BAD, Row, SERVED, both, row};

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    both("its length", Made(|d| d.whole()), SERVED),
    row("no length", With(""), "401 signature_mismatch, 400*, closed", "401 signature_mismatch, 400, closed"),
    row("length: twice, equal", Framed("Content-Length: {length}\r\n"), SERVED, BAD),
    both("length: twice, different", Framed("Content-Length: 3\r\n"), BAD),
    both("length: a list of equals", With("Content-Length: {length}, {length}\r\n"), BAD),
    both("length: with a plus", With("Content-Length: +{length}\r\n"), BAD),
    both("length: negative", With("Content-Length: -1\r\n"), BAD),
    both("length: hexadecimal", With("Content-Length: 0x10\r\n"), BAD),
    both("length: with leading zeros", With("Content-Length: 000{length}\r\n"), SERVED),
    both("length: empty", With("Content-Length:\r\n"), BAD),
    both("length: more than 64 bits", With("Content-Length: 18446744073709551616\r\n"), BAD),
    row("length: 64 bits", With("Content-Length: 18446744073709551615\r\n"), "431*, closed", "413 body_too_large*, closed"),
    both("length: over the limit", With("Content-Length: 262145\r\n"), "413 body_too_large*, closed"),
    row("length: too short", With("Content-Length: 10\r\n"), "401 signature_mismatch, 400*, closed", "401 signature_mismatch, 400, closed"),
    both("length: a line of its own before the value", With("Content-Length: \r\n {length}\r\n"), BAD),
    both("length: space before the colon", With("Content-Length : {length}\r\n"), BAD),
];
