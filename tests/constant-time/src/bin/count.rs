//! Refuses wrong signatures one after the other and prints what was wrong with
//! each. Callgrind counts the instructions of each call.

use nano_webhook_constant_time::{DIGITS, Receiver};
use nano_webhook_core::WebhookError;

fn main() {
    let receiver = Receiver::new();
    let rotation = Receiver::in_rotation();
    // The first call of each pays for what is done once.
    for warm_up in [&receiver, &rotation] {
        refuse(warm_up, "warm-up", 0, |_| true);
    }
    for wrong in 0..DIGITS {
        refuse(&receiver, "one-wrong-digit", wrong, |place| place == wrong);
    }
    for right in 0..DIGITS {
        refuse(&receiver, "common-prefix", right, |place| place >= right);
    }
    for right in 0..DIGITS {
        refuse(&receiver, "common-suffix", right, |place| {
            place < DIGITS - right
        });
    }
    for wrong in 0..DIGITS {
        refuse(&rotation, "previous-secret", wrong, |place| place == wrong);
    }
    for number in 0..16 {
        let secret = format!("{number:02}-another-secret-of-one-length");
        let other = Receiver::with_secret(&secret);
        refuse(&other, "other-secret", number, |place| {
            place % 2 == number % 2
        });
    }
}

fn refuse(receiver: &Receiver, group: &str, number: usize, is_wrong: impl Fn(usize) -> bool) {
    let judged = receiver.judge_measured(&receiver.signature(is_wrong));
    assert!(
        matches!(judged, Err(WebhookError::SignatureMismatch { .. })),
        "{group} {number}: {judged:?}"
    );
    println!("{group} {number}");
}
