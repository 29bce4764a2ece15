//! Where a body ends: `Content-Length` and `Transfer-Encoding`, and what smuggles a request
//! past one of two parsers.

use nano_webhook_test_kit::changed;

use super::Wire::{Chunked, Coded, Framed, Made, With};
use super::{BAD, BROKEN, Row, SERVED, both, chunked, chunked_as, row};

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
    both("chunks: one", Chunked("{n}\r\n{}\r\n0\r\n\r\n"), SERVED),
    both("chunks: size in upper case, with zeros", Made(|d| chunked(d, &format!("000{:X}\r\n{{}}\r\n000\r\n\r\n", d.body.len()))), SERVED),
    both("chunks: an extension", Chunked("{n};name=value;other=\"a b\"\r\n{}\r\n0;last\r\n\r\n"), SERVED),
    both("chunks: a space before the extension", Chunked("{n} ;name\r\n{}\r\n0\r\n\r\n"), SERVED),
    both("chunks: an extension with a line feed", Chunked("{n};a\nb\r\n{}\r\n0\r\n\r\n"), BROKEN),
    row("chunks: extensions of 1 MB", Made(|d| chunked(d, &format!("{{n}};{}\r\n{{}}\r\n0\r\n\r\n", "x".repeat(1 << 20)))), BROKEN, SERVED),
    both("chunks: trailers", Chunked("{n}\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n"), SERVED),
    row("chunks: trailers of 1 MB", Made(|d| chunked(d, &format!("{{n}}\r\n{{}}\r\n0\r\n{}\r\n", "X-Sum: 1\r\n".repeat(100_000)))), BROKEN, SERVED),
    row("chunks: the signature in the trailers", Made(|d| {
        let signature = format!("x-nano-signature: {}\r\n", d.signature());
        changed(chunked(d, &format!("{{n}}\r\n{{}}\r\n0\r\n{signature}\r\n")), &signature, "")
    }), "401 missing_header*, closed", "401 missing_header*, next"),
    both("chunks: another signature in the trailers", Chunked("{n}\r\n{}\r\n0\r\nX-Nano-Signature: v1=0\r\n\r\n"), SERVED),
    both("chunks: 0x before the size", Chunked("0x{n}\r\n{}\r\n0\r\n\r\n"), BROKEN),
    both("chunks: a plus before the size", Chunked("+{n}\r\n{}\r\n0\r\n\r\n"), BROKEN),
    both("chunks: a negative size", Chunked("-1\r\n{}\r\n0\r\n\r\n"), BROKEN),
    both("chunks: no size", Chunked("\r\n{}\r\n0\r\n\r\n"), BROKEN),
    both("chunks: a size of more than 64 bits", Chunked("10000000000000000\r\n{}\r\n0\r\n\r\n"), BROKEN),
    both("chunks: a size of 64 bits", Chunked("ffffffffffffffff\r\n{}\r\n0\r\n\r\n"), "408 body_timeout*, closed"),
    both("chunks: line feeds only", Chunked("{n}\n{}\n0\n\n"), BROKEN),
    both("chunks: no line end after the data", Chunked("{n}\r\n{}0\r\n\r\n"), BROKEN),
    both("chunks: data longer than its size", Chunked("5\r\n{}\r\n0\r\n\r\n"), BROKEN),
    both("chunks: a carriage return alone", Chunked("{n}\r{}\r\n0\r\n\r\n"), BROKEN),
    both("coding: Chunked", Coded("Transfer-Encoding: Chunked\r\n"), SERVED),
    row("coding: chunked twice in a list", Coded("Transfer-Encoding: chunked, chunked\r\n"), SERVED, BAD),
    row("coding: chunked twice", Coded("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), SERVED, BAD),
    row("coding: gzip, chunked", Coded("Transfer-Encoding: gzip, chunked\r\n"), SERVED, BAD),
    both("coding: chunked, identity", Coded("Transfer-Encoding: chunked, identity\r\n"), BAD),
    both("coding: identity", Coded("Transfer-Encoding: identity\r\n"), BAD),
    both("coding: xchunked", Coded("Transfer-Encoding: xchunked\r\n"), BAD),
    both("coding: chunked behind a vertical tab", Coded("Transfer-Encoding: \x0bchunked\r\n"), BAD),
    both("coding: space before the colon", Coded("Transfer-Encoding : chunked\r\n"), BAD),
    row("coding and length", Coded("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), "200*, closed", BAD),
    row("length and coding", Coded("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), "200*, closed", BAD),
    row("length and coding: a request hidden behind the last chunk", Made(|d| {
        let hidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";
        chunked_as(d, "Content-Length: 500\r\nTransfer-Encoding: chunked\r\n", &format!("{{n}}\r\n{{}}\r\n0\r\n\r\n{hidden}"))
    }), "200*, closed", BAD),
    both("length and xchunked", Framed("Transfer-Encoding: xchunked\r\n"), BAD),
    both("HTTP/1.0 in chunks", Made(|d| changed(chunked(d, "{n}\r\n{}\r\n0\r\n\r\n"), "HTTP/1.1", "HTTP/1.0")), BAD),
];
