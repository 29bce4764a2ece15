//! What bounds the work: `max_len`, the depth, the stack, the sorting.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use nano_webhook_core::{ReserializeError, reserialize};

#[test]
fn max_len_is_about_the_text_alone() {
    let cases: [(&str, usize); 6] = [
        ("[ 1 , 2 ]", 5),
        ("1e20", 21),
        ("{}", 2),
        (r#"{"a":1e20,"a":1e20,"a":1}"#, 7),
        (r#"{"1":[1e20],"0":"\u00e9"}"#, 38),
        (r#""\u0001""#, 8),
    ];
    for (body, len) in cases {
        let text = reserialize(body.as_bytes(), len).unwrap();
        assert_eq!(text.len(), len, "{body}");
        for max_len in 0..len {
            assert_eq!(
                reserialize(body.as_bytes(), max_len),
                Err(ReserializeError::TooLarge),
                "{body} in {max_len} bytes"
            );
        }
    }
}

/// The deepest document that is taken, on a stack far smaller than any a
/// receiver runs on; a deeper one is refused on the same stack.
#[test]
fn the_depth_cap_bounds_the_stack() {
    let small = thread::Builder::new().stack_size(128 * 1024);
    let ran = small.spawn(|| {
        for (open, close) in [("[", "]"), (r#"{"":"#, "}"), (r#"{"1":"#, r#","0":0}"#)] {
            let document = |depth| format!("{}0{}", open.repeat(depth), close.repeat(depth));
            assert!(reserialize(document(128).as_bytes(), usize::MAX).is_ok());
            for depth in [129, 200_000] {
                assert_eq!(
                    reserialize(document(depth).as_bytes(), usize::MAX),
                    Err(ReserializeError::TooDeep {
                        offset: open.len() * 128
                    })
                );
            }
        }
    });
    ran.unwrap().join().unwrap();
}

/// Names chosen to be expensive. Were any of these quadratic, it would take
/// hours instead of about a second.
#[test]
fn no_choice_of_names_is_quadratic() {
    let count = 100_000;
    let member = |name: String| format!("\"{name}\":0");
    let object = |members: &mut dyn Iterator<Item = String>| {
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    };
    let long = "a".repeat(1_000_000);
    let documents = [
        object(&mut (0..count).map(|_| member(String::new()))),
        object(&mut (0..count).rev().map(|i| member(i.to_string()))),
        object(&mut (0..count).map(|i| member(format!("{:06x}", i * 7919 % count)))),
        object(
            &mut (0..count / 2)
                .flat_map(|i| [i, count - i])
                .map(|i| member(i.to_string())),
        ),
        // Many short names to compare with one long one, and with one whose
        // literal starts with an escape.
        object(&mut (0..count).map(|i| {
            member(if i == 7 {
                long.clone()
            } else {
                "a".repeat(i % 9)
            })
        })),
        object(&mut (0..count).map(|i| {
            member(match i % 9 {
                _ if i == 7 => format!("\\u0061{long}"),
                len => format!("\\u0061{}", "a".repeat(len)),
            })
        })),
        // Objects in objects, each of them rearranged.
        format!("[{}0]", r#"{"1":{"1":0,"0":0},"0":0},"#.repeat(count / 4)),
        format!(
            "{}[{}0]{}",
            r#"{"1":"#.repeat(120),
            "[0],".repeat(count),
            r#","0":0}"#.repeat(120)
        ),
    ];
    let (done, finished) = mpsc::channel();
    thread::spawn(move || {
        for document in &documents {
            let text = reserialize(document.as_bytes(), usize::MAX).unwrap();
            assert!(text.len() <= document.len());
        }
        done.send(())
    });
    finished
        .recv_timeout(Duration::from_secs(300))
        .expect("linear work takes a fraction of this time");
}
