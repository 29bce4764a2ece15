//! `Transfer-Encoding`: chunks, extensions, trailers, and what smuggles a request past one of two parsers.

use super::{BAD, BROKEN, Row, SERVED, both, chunked, chunked_as, framed, row};

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    both("chunks: one", |d| chunked(d, "{n}\r\n{}\r\n0\r\n\r\n"),
        SERVED),
    both("chunks: size in upper case, with zeros", |d| chunked(d, &format!("000{:X}\r\n{{}}\r\n000\r\n\r\n", d.body.len())),
        SERVED),
    both("chunks: an extension", |d| chunked(d, "{n};name=value;other=\"a b\"\r\n{}\r\n0;last\r\n\r\n"),
        SERVED),
    both("chunks: a space before the extension", |d| chunked(d, "{n} ;name\r\n{}\r\n0\r\n\r\n"),
        SERVED),
    both("chunks: an extension with a line feed", |d| chunked(d, "{n};a\nb\r\n{}\r\n0\r\n\r\n"),
        BROKEN),
    row("chunks: extensions of 1 MB", |d| chunked(d, &format!("{{n}};{}\r\n{{}}\r\n0\r\n\r\n", "x".repeat(1 << 20))),
        BROKEN, SERVED),
    both("chunks: trailers", |d| chunked(d, "{n}\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n"),
        SERVED),
    row("chunks: trailers of 1 MB", |d| chunked(d, &format!("{{n}}\r\n{{}}\r\n0\r\n{}\r\n", "X-Sum: 1\r\n".repeat(100_000))),
        BROKEN, SERVED),
    row("chunks: the signature in the trailers", |d| {
        let signature = format!("x-nano-signature: {}\r\n", d.signature());
        let wire = chunked(d, &format!("{{n}}\r\n{{}}\r\n0\r\n{signature}\r\n"));
        String::from_utf8(wire).unwrap().replacen(&signature, "", 1).into_bytes()
    },
        "401 missing_header*, closed", "401 missing_header*, next"),
    both("chunks: another signature in the trailers", |d| chunked(d, "{n}\r\n{}\r\n0\r\nX-Nano-Signature: v1=0\r\n\r\n"),
        SERVED),
    both("chunks: 0x before the size", |d| chunked(d, "0x{n}\r\n{}\r\n0\r\n\r\n"),
        BROKEN),
    both("chunks: a plus before the size", |d| chunked(d, "+{n}\r\n{}\r\n0\r\n\r\n"),
        BROKEN),
    both("chunks: a negative size", |d| chunked(d, "-1\r\n{}\r\n0\r\n\r\n"),
        BROKEN),
    both("chunks: no size", |d| chunked(d, "\r\n{}\r\n0\r\n\r\n"),
        BROKEN),
    both("chunks: a size of more than 64 bits", |d| chunked(d, "10000000000000000\r\n{}\r\n0\r\n\r\n"),
        BROKEN),
    both("chunks: a size of 64 bits", |d| chunked(d, "ffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
        "408 body_timeout*, closed"),
    both("chunks: line feeds only", |d| chunked(d, "{n}\n{}\n0\n\n"),
        BROKEN),
    both("chunks: no line end after the data", |d| chunked(d, "{n}\r\n{}0\r\n\r\n"),
        BROKEN),
    both("chunks: data longer than its size", |d| chunked(d, "5\r\n{}\r\n0\r\n\r\n"),
        BROKEN),
    both("chunks: a carriage return alone", |d| chunked(d, "{n}\r{}\r\n0\r\n\r\n"),
        BROKEN),
    both("coding: Chunked", |d| chunked_as(d, "Transfer-Encoding: Chunked\r\n", "{n}\r\n{}\r\n0\r\n\r\n"),
        SERVED),
    row("coding: chunked twice in a list", |d| chunked_as(d, "Transfer-Encoding: chunked, chunked\r\n", "{n}\r\n{}\r\n0\r\n\r\n"),
        SERVED, BAD),
    row("coding: chunked twice", |d| chunked_as(d, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "{n}\r\n{}\r\n0\r\n\r\n"),
        SERVED, BAD),
    row("coding: gzip, chunked", |d| chunked_as(d, "Transfer-Encoding: gzip, chunked\r\n", "{n}\r\n{}\r\n0\r\n\r\n"),
        SERVED, BAD),
    both("coding: chunked, identity", |d| chunked_as(d, "Transfer-Encoding: chunked, identity\r\n", "{n}\r\n{}\r\n0\r\n\r\n"),
        BAD),
    both("coding: identity", |d| chunked_as(d, "Transfer-Encoding: identity\r\n", "{n}\r\n{}\r\n0\r\n\r\n"),
        BAD),
    both("coding: xchunked", |d| chunked_as(d, "Transfer-Encoding: xchunked\r\n", "{n}\r\n{}\r\n0\r\n\r\n"),
        BAD),
    both("coding: chunked behind a vertical tab", |d| chunked_as(d, "Transfer-Encoding: \x0bchunked\r\n", "{n}\r\n{}\r\n0\r\n\r\n"),
        BAD),
    both("coding: space before the colon", |d| chunked_as(d, "Transfer-Encoding : chunked\r\n", "{n}\r\n{}\r\n0\r\n\r\n"),
        BAD),
    row("coding and length", |d| chunked_as(d, "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "{n}\r\n{}\r\n0\r\n\r\n"),
        "200*, closed", BAD),
    row("length and coding", |d| chunked_as(d, "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "{n}\r\n{}\r\n0\r\n\r\n"),
        "200*, closed", BAD),
    row("length and coding: a request hidden behind the last chunk", |d| {
        let hidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";
        chunked_as(d, "Content-Length: 500\r\nTransfer-Encoding: chunked\r\n", &format!("{{n}}\r\n{{}}\r\n0\r\n\r\n{hidden}"))
    },
        "200*, closed", BAD),
    both("length and xchunked", |d| framed(d, "Transfer-Encoding: xchunked\r\n"),
        BAD),
    both("HTTP/1.0 in chunks", |d| {
        let wire = chunked(d, "{n}\r\n{}\r\n0\r\n\r\n");
        String::from_utf8(wire).unwrap().replacen("HTTP/1.1", "HTTP/1.0", 1).into_bytes()
    },
        BAD),
];
