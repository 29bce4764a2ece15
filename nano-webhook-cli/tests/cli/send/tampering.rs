use crate::support::receiver::Request;
use crate::support::{Receiver, Run, SECRET, nano_webhook};

#[test]
fn tampering() {
    let receiver = Receiver::ok();
    let line = format!("send {} --task-id t --timestamp 1734948000", receiver.url);
    let base = || line.split(' ');
    let run = Run::of(nano_webhook().args(base()));
    assert_eq!(run.code, 0);
    for what in ["body", "signature", "timestamp"] {
        // Twice is no more than once.
        let tamper = ["--tamper", what, "--tamper", what];
        let run = Run::of(nano_webhook().args(base()).args(tamper));
        assert_eq!(run.code, 0);
    }
    let right = receiver.request();
    assert!(right.is_signed(SECRET));
    let changed = |request: &Request| {
        let right_body = right.json();
        let mut body = request.json();
        // The time of day is not what was tampered with.
        let tampered = body["timestamp"].as_str().unwrap().ends_with('Z');
        body["timestamp"] = right_body["timestamp"].clone();
        (
            !tampered || body != right_body,
            request.header("x-nano-timestamp") != right.header("x-nano-timestamp"),
        )
    };
    let (body, sig, time) = (receiver.request(), receiver.request(), receiver.request());
    assert_eq!(changed(&body), (true, false));
    assert_eq!(changed(&sig), (false, false));
    assert_eq!(changed(&time), (false, true));
    for request in [body, sig, time] {
        assert!(!request.is_signed(SECRET));
    }
}
