//! Deliveries that are right but for their signature, and the one call that is
//! measured.
#![allow(clippy::missing_panics_doc)]

pub mod welch;

use nano_webhook_core::{Secret, Signer, UnixTime, Verifier, WebhookError};

/// As many hex digits as an HMAC-SHA256 has.
pub const DIGITS: usize = 64;

const SECRET: &str = "a-secret-for-measuring-time-only";
const TIMESTAMP: &str = "1734948000";
const NOW: UnixTime = UnixTime::from_secs(1_734_948_000);

/// The documented example, 193 bytes.
const BODY: &str = r#"{"event":"job.completed","task_id":"task_xxx","task_type":"image","status":"completed","data":{"url":"https://cdn.example.com/image.png","credits_charged":6},"timestamp":"2024-12-23T10:00:00Z"}"#;

/// A receiver, and what it would accept.
pub struct Receiver {
    verifier: Verifier,
    right: Vec<u8>,
}

impl Receiver {
    /// With one secret.
    pub fn new() -> Self {
        Self::with_secret(SECRET)
    }

    /// With this secret.
    pub fn with_secret(secret: &str) -> Self {
        let secret = || Secret::new(secret).expect("it is not empty");
        Self {
            right: sign(&secret()),
            verifier: Verifier::new(secret()),
        }
    }

    /// That accepts another secret as well: what it is measured with matches
    /// neither, and nearly the second.
    pub fn in_rotation() -> Self {
        let current = Secret::new("the-newer-of-two-such-secrets-32").expect("it is not empty");
        let previous = || Secret::new(SECRET).expect("it is not empty");
        Self {
            right: sign(&previous()),
            verifier: Verifier::builder(current)
                .previous_secret(previous())
                .build()
                .expect("no limit is zero"),
        }
    }

    /// The right signature with some of its digits made wrong.
    pub fn signature(&self, is_wrong: impl Fn(usize) -> bool) -> String {
        let digits = self.right.iter().enumerate().map(|(place, digit)| {
            let wrong = if is_wrong(place) { 1 + place % 15 } else { 0 };
            char::from(b"0123456789abcdef"[usize::from(*digit) ^ wrong])
        });
        String::from("v1=") + &String::from_iter(digits)
    }

    /// What is measured: everything from the headers to the verdict. It has a
    /// name of its own for callgrind to find.
    #[inline(never)]
    pub fn judge_measured(&self, signature: &str) -> Result<(), WebhookError> {
        let headers = [
            ("x-nano-timestamp", TIMESTAMP),
            ("x-nano-signature", signature),
        ];
        self.verifier.verify(&headers, BODY, NOW).map(drop)
    }
}

impl Default for Receiver {
    fn default() -> Self {
        Self::new()
    }
}

/// The digits of the right signature.
fn sign(secret: &Secret) -> Vec<u8> {
    let headers = Signer::new(secret).sign_with_timestamp(TIMESTAMP, BODY.as_bytes());
    let digits = headers.signature().trim_start_matches("v1=").chars();
    digits
        .map(|digit| u8::try_from(digit.to_digit(16).expect("it is hex")).expect("it is small"))
        .collect()
}
