//! Several requests at once.

use super::Wire::Made;
use super::{Row, both, changed, framed, row};

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    both("two deliveries", Made(|d| [d.whole(), d.whole()].concat()), "2 x 200, next"),
    both("a forgery, then a delivery", Made(|d| [changed(d.whole(), "completed", "c0mpleted"), d.whole()].concat()), "401 signature_mismatch, 200, next"),
    row("refused by its head, then a delivery", Made(|d| [changed(d.whole(), "v1=", "v2="), d.whole()].concat()), "400 malformed_signature*, closed", "400 malformed_signature*, 200, next"),
    row("a delivery behind Connection: close", Made(|d| [framed(d, "Connection: close\r\n"), d.whole()].concat()), "200*, closed", "2 x 200, next"),
    both("100 deliveries", Made(|d| d.whole().repeat(100)), "100 x 200, next"),
];
