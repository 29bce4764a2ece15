//! `Content-Length`, true and false.

use super::{BAD, Row, SERVED, both, framed, row, with};

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    both("its length", |d| d.whole(),
        SERVED),
    row("no length", |d| with(d, ""),
        "401 signature_mismatch, 400*, closed", "401 signature_mismatch, 400, closed"),
    row("length: twice, equal", |d| framed(d, &format!("Content-Length: {}\r\n", d.body.len())),
        SERVED, BAD),
    both("length: twice, different", |d| framed(d, "Content-Length: 3\r\n"),
        BAD),
    both("length: a list of equals", |d| with(d, &format!("Content-Length: {0}, {0}\r\n", d.body.len())),
        BAD),
    both("length: with a plus", |d| with(d, &format!("Content-Length: +{}\r\n", d.body.len())),
        BAD),
    both("length: negative", |d| with(d, "Content-Length: -1\r\n"),
        BAD),
    both("length: hexadecimal", |d| with(d, "Content-Length: 0x10\r\n"),
        BAD),
    both("length: with leading zeros", |d| with(d, &format!("Content-Length: 000{}\r\n", d.body.len())),
        SERVED),
    both("length: empty", |d| with(d, "Content-Length:\r\n"),
        BAD),
    both("length: more than 64 bits", |d| with(d, "Content-Length: 18446744073709551616\r\n"),
        BAD),
    row("length: 64 bits", |d| with(d, "Content-Length: 18446744073709551615\r\n"),
        "431*, closed", "413 body_too_large*, closed"),
    both("length: over the limit", |d| with(d, "Content-Length: 262145\r\n"),
        "413 body_too_large*, closed"),
    row("length: too short", |d| with(d, "Content-Length: 10\r\n"),
        "401 signature_mismatch, 400*, closed", "401 signature_mismatch, 400, closed"),
    both("length: a line of its own before the value", |d| with(d, &format!("Content-Length: \r\n {}\r\n", d.body.len())),
        BAD),
    both("length: space before the colon", |d| with(d, &format!("Content-Length : {}\r\n", d.body.len())),
        BAD),
];
