//! More than a head should have.

use super::Wire::Made;
use super::{Row, SERVED, both, framed, row};

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    both("headers: 90", Made(|d| framed(d, &"X-Other: 1\r\n".repeat(86))), SERVED),
    both("headers: 96", Made(|d| framed(d, &"X-Other: 1\r\n".repeat(92))), SERVED),
    row("headers: 98", Made(|d| framed(d, &"X-Other: 1\r\n".repeat(94))), SERVED, "431*, closed"),
    row("headers: 100", Made(|d| framed(d, &"X-Other: 1\r\n".repeat(96))), SERVED, "431*, closed"),
    both("headers: 101", Made(|d| framed(d, &"X-Other: 1\r\n".repeat(97))), "431*, closed"),
    both("headers: 10,000", Made(|d| framed(d, &"X-Other: 1\r\n".repeat(10_000))), "431*, closed"),
    both("a header of 30,000 bytes", Made(|d| framed(d, &format!("X-Other: {}\r\n", "x".repeat(30_000)))), SERVED),
    row("a header of 200,000 bytes", Made(|d| framed(d, &format!("X-Other: {}\r\n", "x".repeat(200_000)))), SERVED, "431*, closed"),
    both("a header of 1 MB", Made(|d| framed(d, &format!("X-Other: {}\r\n", "x".repeat(1 << 20)))), "431*, closed"),
    row("a header name of 70,000 bytes", Made(|d| framed(d, &format!("{}: 1\r\n", "x".repeat(70_000)))), "431*, closed", "closed"),
];
