//! Refuses wrong signatures one after the other and prints what was wrong with
//! each. Callgrind counts the instructions of each call: `scripts/constant-time`.

use nano_webhook_core::{ErrorKind, Secret, Signer, UnixTime, Verifier, WebhookError};

/// As many hex digits as an HMAC-SHA256 has.
const DIGITS: usize = 64;

const SECRET: &str = "a-secret-for-measuring-time-only";
const TIMESTAMP: &str = "1734948000";
const NOW: UnixTime = UnixTime::from_secs(1_734_948_000);

/// The documented example, 193 bytes.
const BODY: &str = r#"{"event":"job.completed","task_id":"task_xxx","task_type":"image","status":"completed","data":{"url":"https://cdn.example.com/image.png","credits_charged":6},"timestamp":"2024-12-23T10:00:00Z"}"#;

fn main() {
    let receiver = Receiver::new(Verifier::new(secret(SECRET)), SECRET);
    // Another secret is accepted as well: a signature matches neither, and nearly the second.
    let rotation = Verifier::builder(secret("the-newer-of-two-such-secrets-32"))
        .previous_secret(secret(SECRET))
        .build()
        .expect("no limit is zero");
    let rotation = Receiver::new(rotation, SECRET);
    // The first call of each pays for what is done once.
    for warm_up in [&receiver, &rotation] {
        warm_up.refuse("warm-up", 0, |_| true);
    }
    for number in 0..DIGITS {
        receiver.refuse("one-wrong-digit", number, |place| place == number);
    }
    for right in 0..DIGITS {
        receiver.refuse("common-prefix", right, |place| place >= right);
    }
    for right in 0..DIGITS {
        receiver.refuse("common-suffix", right, |place| place < DIGITS - right);
    }
    for number in 0..DIGITS {
        rotation.refuse("previous-secret", number, |place| place == number);
    }
    for number in 0..16 {
        let text = format!("{number:02}-another-secret-of-one-length");
        let other = Receiver::new(Verifier::new(secret(&text)), &text);
        other.refuse("other-secret", number, |place| place % 2 == number % 2);
    }
}

/// A receiver, and the digits of what it would accept.
struct Receiver {
    verifier: Verifier,
    right: Vec<u8>,
}

impl Receiver {
    fn new(verifier: Verifier, signs: &str) -> Self {
        let signed = Signer::new(secret(signs)).sign_with_timestamp(TIMESTAMP, BODY.as_bytes());
        let digits = signed.signature().trim_start_matches("v1=").chars();
        let right = digits.map(|digit| digit.to_digit(16).expect("it is hex") as u8);
        Self {
            verifier,
            right: right.collect(),
        }
    }

    /// Refuses the right signature with some of its digits made wrong.
    fn refuse(&self, group: &str, number: usize, is_wrong: impl Fn(usize) -> bool) {
        let digits = self.right.iter().enumerate().map(|(place, digit)| {
            let wrong = if is_wrong(place) { 1 + place % 15 } else { 0 };
            char::from(b"0123456789abcdef"[usize::from(*digit) ^ wrong])
        });
        let refused = self.verify_measured(&format!("v1={}", String::from_iter(digits)));
        let kind = refused.map_err(|error| error.kind());
        assert_eq!(kind, Err(ErrorKind::SignatureMismatch), "{group} {number}");
        println!("{group} {number}");
    }

    /// What is measured: everything from the headers to the verdict. Callgrind finds it by
    /// its name.
    #[inline(never)]
    fn verify_measured(&self, signature: &str) -> Result<(), WebhookError> {
        let headers = [
            ("x-nano-timestamp", TIMESTAMP),
            ("x-nano-signature", signature),
        ];
        self.verifier.verify(&headers, BODY, NOW).map(drop)
    }
}

fn secret(text: &str) -> Secret {
    Secret::new(text).expect("it is not empty")
}
