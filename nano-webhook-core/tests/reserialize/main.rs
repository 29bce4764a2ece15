//! The re-serialiser (D2) against what Node makes of the same bytes.
#![cfg(feature = "reserialized")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod differential;
mod generator;
mod judge;
mod limits;
mod suite;
mod vectors;

use judge::Verdict;
use nano_webhook_core::{ReserializeError, reserialize};

/// Holds our answer for `body` against the judge's. They may differ only where
/// D2 says so, and must where it does.
fn compare(body: &[u8], judged: &Verdict) -> Result<(), String> {
    let ours = reserialize(body, usize::MAX);
    let agree = match (judged, &ours) {
        (Verdict::Text(text), Ok(output)) => text == output,
        (Verdict::NotJson, Err(error)) => *error != ReserializeError::TooLarge,
        (Verdict::NotUtf8, Err(ReserializeError::NotUtf8 { offset })) => {
            std::str::from_utf8(&body[..*offset]).is_ok()
        }
        (Verdict::LoneSurrogate, Err(ReserializeError::LoneSurrogate { offset })) => {
            body[*offset..].starts_with(br"\u")
        }
        (Verdict::TooDeep, Err(ReserializeError::TooDeep { offset })) => {
            matches!(body[*offset], b'[' | b'{')
        }
        // The body has both; either is a reason.
        (Verdict::TooDeep, Err(ReserializeError::LoneSurrogate { .. })) => true,
        _ => false,
    };
    if !agree {
        return Err(format!(
            "body   {}\njudged {judged}\nours   {}",
            body.escape_ascii(),
            match &ours {
                Ok(output) => output.escape_ascii().to_string(),
                Err(error) => format!("{error:?}"),
            }
        ));
    }
    match ours {
        Ok(output) => check_fixed_point(&output),
        Err(_) => Ok(()),
    }
}

/// The text is its own text. This needs no judge, so it is a fuzzer's invariant
/// too.
fn check_fixed_point(output: &[u8]) -> Result<(), String> {
    match reserialize(output, output.len()) {
        Ok(again) if again == output => Ok(()),
        again => Err(format!(
            "not a fixed point\ntext   {}\nagain  {again:?}",
            output.escape_ascii()
        )),
    }
}
