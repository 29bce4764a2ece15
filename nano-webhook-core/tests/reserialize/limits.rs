//! What bounds the work: `max_len` and the depth.

use std::thread;

use nano_webhook_core::{ReserializeError, reserialize};

#[test]
fn max_len_is_about_the_text_alone() {
    for (body, len) in [
        ("[ 1 , 2 ]", 5),
        ("1e20", 21),
        (r#"{"a":1e20,"a":1e20,"a":1}"#, 7),
        (r#"{"1":[1e20],"0":"\u00e9"}"#, 38),
        (r#""\u0001""#, 8),
    ] {
        let text = reserialize(body.as_bytes(), len).unwrap();
        assert_eq!(text.len(), len, "{body}");
        let shorter = reserialize(body.as_bytes(), len - 1);
        assert_eq!(shorter, Err(ReserializeError::TooLarge), "{body}");
    }
}

/// On a stack far smaller than any that a receiver runs on.
#[test]
fn the_depth_bounds_the_stack() {
    let small = thread::Builder::new().stack_size(256 * 1024);
    let ran = small.spawn(|| {
        for (open, close) in [("[", "]"), (r#"{"":"#, "}"), (r#"{"1":"#, r#","0":0}"#)] {
            for (depth, is_taken) in [(127, true), (128, false), (200_000, false)] {
                let body = format!("{}0{}", open.repeat(depth), close.repeat(depth));
                let taken = reserialize(body.as_bytes(), usize::MAX).is_ok();
                assert_eq!(taken, is_taken, "{open} {depth} times");
            }
        }
    });
    ran.unwrap().join().unwrap();
}
