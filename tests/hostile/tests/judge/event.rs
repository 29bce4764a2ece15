//! Bodies in the shape of the documented events. What an event says is not asked here, only
//! whether its body is what was signed.

use fastrand::Rng;

use crate::draft::pick;

const MEMBERS: &[&str] = &[
    r#""task_type": "image""#,
    r#""task_type": "\u0076ideo""#,
    r#""status": "completed""#,
    r#""timestamp": "2024-12-23T10:00:00Z""#,
    r#""error": {"code": 7, "message": "quote \" and \\ back"}"#,
    r#""1": "line\nbreak\ttab""#,
    r#""0": "\/script\u2028""#,
    r#""__proto__": 6.0"#,
    r#""toJSON": 1e400"#,
    r#""retry": 12345678901234567890"#,
    r#""retry": -0.0"#,
    r#""\u0072etry": 1E+2"#,
];

/// A completed, a failed or an unknown event. `extra` is a document that may stand in it as
/// a value.
pub(crate) fn event(rng: &mut Rng, extra: &str) -> String {
    let name = pick(
        rng,
        &[
            "job.completed",
            "job.completed",
            "job.failed",
            "job.progress",
        ],
    );
    let url = "https://cdn.example.com/a?b=c&d=%C3%A9#\u{fc}\u{1f34c}";
    let data = format!(r#"{{"url": "{url}", "credits_charged": 1.50, "more": {extra}}}"#);
    let mut members = vec![
        format!(r#""event": "{name}""#),
        format!(r#""task_id": "task_{}""#, rng.u32(..1000)),
        format!(r#""data": {data}"#),
    ];
    for _ in 0..rng.usize(..6) {
        members.push(pick(rng, MEMBERS).to_owned());
    }
    if rng.bool() {
        rng.shuffle(&mut members);
    }
    let layouts = [
        ("{", ",", "}"),
        ("{\n  ", ",\n  ", "\n}\n"),
        ("{\r\n\t", " ,\r\n\t", "\r\n}"),
    ];
    let (open, comma, close) = pick(rng, &layouts);
    let text = format!("{open}{}{close}", members.join(comma));
    match rng.bool() {
        true => text,
        // As `JSON.stringify` writes it, or nearly.
        false => text.replace("\": ", "\":"),
    }
}
