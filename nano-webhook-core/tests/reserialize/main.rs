//! The re-serialiser against what Node makes of the same bytes. Generated documents are
//! compared in `tests/hostile/tests/judge`.
#![cfg(feature = "reserialized")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod judge;
mod limits;
mod suite;
mod vectors;

use judge::Verdict;
use nano_webhook_core::{ReserializeError, reserialize};

/// Compares our answer for `body` with the judge's: the same text, or a refusal
/// where the judge names a reason for one.
fn compare(body: &[u8], judged: &Verdict) -> Result<(), String> {
    let ours = reserialize(body, usize::MAX);
    let agree = match (judged, &ours) {
        (Verdict::Text(text), Ok(output)) => text == output,
        (Verdict::Text(_), Err(_)) | (_, Ok(_)) => false,
        (_, Err(error)) => *error != ReserializeError::TooLarge,
    };
    match agree {
        true => Ok(()),
        false => Err(format!(
            "body   {}\njudged {judged}\nours   {}",
            body.escape_ascii(),
            match &ours {
                Ok(output) => output.escape_ascii().to_string(),
                Err(error) => format!("{error:?}"),
            }
        )),
    }
}
