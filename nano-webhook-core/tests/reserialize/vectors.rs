//! `conformance/reserialize.json`: cases by hand, expectations by Node.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use nano_webhook_core::{ReserializeError, reserialize};
use serde::Deserialize;

use crate::judge::{Verdict, conformance, judge};
use crate::{check_fixed_point, compare};

#[derive(Deserialize)]
struct Vector {
    name: String,
    verdict: String,
    input: String,
    output: Option<String>,
}

fn vectors() -> Vec<(String, Vec<u8>, Verdict)> {
    let file = std::fs::read(conformance("reserialize.json")).unwrap();
    let vectors: Vec<Vector> = serde_json::from_slice(&file).unwrap();
    assert!(vectors.len() > 150, "{} vectors", vectors.len());
    vectors
        .into_iter()
        .map(|vector| {
            let input = BASE64_STANDARD.decode(&vector.input).unwrap();
            let verdict = Verdict::new(&vector.verdict, vector.output.as_deref());
            (vector.name, input, verdict)
        })
        .collect()
}

#[test]
fn vectors_hold() {
    let failures: Vec<String> = vectors()
        .iter()
        .filter_map(|(name, input, verdict)| {
            let failure = compare(input, verdict).err()?;
            Some(format!("{name}\n{failure}"))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn node_still_says_what_the_vectors_say() {
    let vectors = vectors();
    let bodies: Vec<Vec<u8>> = vectors.iter().map(|(_, input, _)| input.clone()).collect();
    judge(bodies, |index, _, judged| {
        let (name, _, verdict) = &vectors[index];
        assert_eq!(verdict, judged, "{name}");
    });
}

/// Whatever is cut off or replaced, the answer is an error or a fixed point.
#[test]
fn no_damage_panics() {
    for (name, input, _) in vectors().iter().filter(|(_, input, _)| input.len() < 400) {
        for at in 0..input.len() {
            let mut damaged: Vec<Vec<u8>> = vec![input[..at].to_vec(), input[at..].to_vec()];
            damaged.extend([b'"', b'\\', b'}', b'0', 0x80, 0xf0].map(|byte| {
                let mut replaced = input.clone();
                replaced[at] = byte;
                replaced
            }));
            for body in damaged {
                if let Ok(output) = reserialize(&body, usize::MAX) {
                    check_fixed_point(&output).unwrap_or_else(|failure| {
                        panic!("{name}: {}: {failure}", body.escape_ascii())
                    });
                }
            }
        }
    }
}

#[test]
fn errors_say_where() {
    use ReserializeError::{InvalidJson, LoneSurrogate, NotUtf8, TooDeep};
    let deep = format!("{}]", "[".repeat(129));
    let cases: [(&[u8], ReserializeError, &str); 12] = [
        (
            b"",
            InvalidJson { offset: 0 },
            "the body is not JSON at byte 0",
        ),
        (
            b" [1, 2",
            InvalidJson { offset: 6 },
            "the body is not JSON at byte 6",
        ),
        (
            b"[1,]",
            InvalidJson { offset: 3 },
            "the body is not JSON at byte 3",
        ),
        (
            b"{} x",
            InvalidJson { offset: 3 },
            "the body is not JSON at byte 3",
        ),
        (
            b"[01]",
            InvalidJson { offset: 2 },
            "the body is not JSON at byte 2",
        ),
        (
            b"[1.]",
            InvalidJson { offset: 3 },
            "the body is not JSON at byte 3",
        ),
        (
            b"[nul]",
            InvalidJson { offset: 4 },
            "the body is not JSON at byte 4",
        ),
        (
            b"\"a\n\"",
            InvalidJson { offset: 2 },
            "the body is not JSON at byte 2",
        ),
        (
            br#""\u12x4""#,
            InvalidJson { offset: 5 },
            "the body is not JSON at byte 5",
        ),
        (
            b"\"a\xff\"",
            NotUtf8 { offset: 2 },
            "the body is not UTF-8 at byte 2",
        ),
        (
            br#"["\n\ud83d"]"#,
            LoneSurrogate { offset: 4 },
            "half a surrogate pair is escaped at byte 4",
        ),
        (
            deep.as_bytes(),
            TooDeep { offset: 128 },
            "arrays and objects are nested more than 128 deep at byte 128",
        ),
    ];
    for (body, expected, message) in cases {
        let error = reserialize(body, usize::MAX).unwrap_err();
        assert_eq!(error, expected, "{}", body.escape_ascii());
        assert_eq!(error.to_string(), message);
    }
}
