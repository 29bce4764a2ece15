//! Bodies in the shape of the documented events, in every spelling that JSON
//! allows.

use fastrand::Rng;

const TEXTS: &[&str] = &[
    "",
    "image",
    "video",
    "completed",
    "failed",
    "task_xxx",
    "task_\u{e9}\u{301}",
    "\u{1f34c} nano",
    "https://cdn.example.com/image.png",
    "https://cdn.example.com/a?b=c&d=%C3%A9#\u{fc}",
    "2024-12-23T10:00:00Z",
    "line\nbreak\ttab",
    "quote \" and \\ back",
    "</script>",
    "\u{2028}\u{2029}\u{feff}\u{0}",
];

const NUMBERS: &[&str] = &[
    "6",
    "6.0",
    "6e0",
    "0.6E1",
    "60e-1",
    "0",
    "-0",
    "-0.0",
    "1.50",
    "1e21",
    "1E+2",
    "1e400",
    "12345678901234567890",
    "0.1",
    "1e-7",
    "9007199254740993",
];

const UNKNOWN: &[&str] = &[
    "1",
    "0",
    "42",
    "id",
    "__proto__",
    "retry",
    "\u{e9}vent",
    "Event",
    "toJSON",
];

/// A completed, a failed or an unknown event. `extra` is a document that may
/// stand in it as a value.
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
    let mut members = vec![("event", spell(rng, name))];
    let mut add = |rng: &mut Rng, field, chance: f32, value: String| {
        if rng.f32() < chance {
            members.push((field, value));
        }
    };
    let task = format!("task_{}", rng.u32(..1000));
    let task = spell(rng, &task);
    add(rng, "task_id", 0.95, task);
    let data = data(rng, name, extra);
    add(rng, "data", 0.9, data);
    for field in ["task_type", "status", "timestamp"] {
        let value = text(rng);
        add(rng, field, 0.7, value);
    }
    for _ in 0..rng.usize(..3) {
        let field = pick(rng, UNKNOWN);
        let value = value(rng, extra);
        add(rng, field, 1.0, value);
    }
    if rng.u8(..20) == 0 {
        let twice = members[rng.usize(..members.len())].0;
        let value = value(rng, extra);
        members.push((twice, value));
    }
    if rng.bool() {
        rng.shuffle(&mut members);
    }
    object(rng, members)
}

fn data(rng: &mut Rng, name: &str, extra: &str) -> String {
    if rng.u8(..20) == 0 {
        return value(rng, extra);
    }
    let mut members = Vec::new();
    if name == "job.failed" {
        members.push((
            pick(rng, &["error", "reason", "message"]),
            value(rng, extra),
        ));
    } else {
        members.push(("url", text(rng)));
    }
    members.push(("credits_charged", pick(rng, NUMBERS).to_owned()));
    if rng.bool() {
        rng.shuffle(&mut members);
    }
    object(rng, members)
}

fn value(rng: &mut Rng, extra: &str) -> String {
    match rng.u8(..6) {
        0 => pick(rng, NUMBERS).to_owned(),
        1 => pick(rng, &["null", "true", "false", "[]", "{}"]).to_owned(),
        2 | 3 => text(rng),
        4 => format!("[{},{extra}]", pick(rng, NUMBERS)),
        _ => extra.to_owned(),
    }
}

fn text(rng: &mut Rng) -> String {
    let text = pick(rng, TEXTS);
    spell(rng, text)
}

/// Compact as `JSON.stringify` writes it, or indented as a proxy might.
fn object(rng: &mut Rng, members: Vec<(&str, String)>) -> String {
    let (open, colon, comma, close) = pick(
        rng,
        &[
            ("{", ":", ",", "}"),
            ("{", ":", ",", "}"),
            ("{ ", ": ", ", ", " }"),
            ("{\n  ", ": ", ",\n  ", "\n}\n"),
            ("{\r\n\t", " :\t", " ,\r\n\t", "\r\n}"),
        ],
    );
    let members: Vec<String> = members
        .into_iter()
        .map(|(name, value)| format!("{}{colon}{value}", spell(rng, name)))
        .collect();
    format!("{open}{}{close}", members.join(comma))
}

/// A literal for `content`: as `JSON.stringify` writes it, or with escapes that
/// need not be.
fn spell(rng: &mut Rng, content: &str) -> String {
    let eager = rng.u8(..4) == 0;
    let mut literal = String::from('"');
    for char in content.chars() {
        let must = char < ' ' || char == '"' || char == '\\';
        match char {
            _ if eager && rng.bool() || must && rng.u8(..8) == 0 => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    literal.push_str(&match rng.bool() {
                        true => format!("\\u{unit:04x}"),
                        false => format!("\\u{unit:04X}"),
                    });
                }
            }
            '\n' => literal.push_str("\\n"),
            '\t' => literal.push_str("\\t"),
            '"' | '\\' => literal.extend(['\\', char]),
            '/' if eager => literal.push_str("\\/"),
            _ if must => literal.push_str(&format!("\\u{:04x}", u32::from(char))),
            _ => literal.push(char),
        }
    }
    literal.push('"');
    literal
}

fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}
