//! What was signed in addition to the body, and where the body stands in it.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::super::Fault;

/// What stands before and after the body in a message that was signed.
#[derive(PartialEq)]
pub(in super::super) struct Layout {
    pub(in super::super) before: String,
    pub(in super::super) after: String,
}

/// What is known about when a delivery was signed.
pub(in super::super) struct SignedTime<'a> {
    /// The header's value.
    pub(in super::super) header: &'a str,
    /// The `timestamp` field of the body.
    pub(in super::super) in_body: Option<String>,
    /// The time inside the signature header, as in `t=…,v1=…`.
    pub(in super::super) in_signature: Option<&'a str>,
    /// The message ids that other schemes send in a header.
    pub(in super::super) ids: Vec<String>,
}

impl SignedTime<'_> {
    /// The header as a number, whatever its unit.
    fn number(&self) -> Option<u64> {
        self.header.trim().parse().ok()
    }

    /// The header in seconds, whatever its unit.
    pub(in super::super) fn header_secs(&self) -> Option<u64> {
        self.number().map(|number| match number {
            0..100_000_000_000 => number,
            100_000_000_000..100_000_000_000_000 => number / 1_000,
            100_000_000_000_000..100_000_000_000_000_000 => number / 1_000_000,
            _ => number / 1_000_000_000,
        })
    }

    /// The body's time in seconds.
    pub(in super::super) fn body_secs(&self) -> Option<u64> {
        let time = OffsetDateTime::parse(self.in_body.as_deref()?, &Rfc3339).ok()?;
        u64::try_from(time.unix_timestamp()).ok()
    }
}

/// Code, the times that may have been signed, the forms of the message, and the clause.
type Row = (
    &'static str,
    fn(&SignedTime<'_>) -> Vec<String>,
    &'static [&'static str],
    &'static str,
);

const DOCUMENTED: &str = "{time}.{body}";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    (
        "timestamp_unit",
        other_units,
        &[DOCUMENTED],
        "the signature was made over the timestamp in another unit than the header has, seconds or milliseconds; it must be over the header's text as it was sent",
    ),
    (
        "timestamp_not_signed",
        as_given,
        &["{body}"],
        "the signature was made over the body alone, as GitHub and Shopify do; it must be over the timestamp, a dot and the body",
    ),
    (
        "separator_missing",
        as_given,
        &["{time}{body}"],
        "the signature was made without the dot between the timestamp and the body",
    ),
    (
        "separator_wrong",
        as_given,
        &[
            "{time}:{body}", "{time},{body}", "{time};{body}", "{time}|{body}", "{time}-{body}",
            "{time}_{body}", "{time} {body}", "{time}\n{body}", "{time}\r\n{body}",
            "{time}. {body}", "{time}..{body}", "{time}&{body}", "{time}/{body}",
            "{time}\\n{body}", "{time}+{body}", "{time}\0{body}",
        ],
        "the signature was made with something other than one dot between the timestamp and the body",
    ),
    (
        "message_order",
        as_given,
        &[
            "{body}.{time}", "{body}{time}", "{body}:{time}", "{body},{time}", "{body}|{time}",
            "{body}\n{time}",
        ],
        "the signature was made over the body and then the timestamp; the timestamp comes first",
    ),
    (
        "message_of_another_scheme",
        |time| {
            let with_id = time.ids.iter().map(|id| format!("{id}.{}.", time.header));
            let others = [format!("v0:{}:", time.header), format!("v1.{}.", time.header)];
            others.into_iter().chain(with_id).collect()
        },
        &["{time}{body}"],
        "the signature was made over the message of another scheme (Slack: v0:timestamp:body, Standard Webhooks: id.timestamp.body); it must be over the timestamp, a dot and the body",
    ),
    (
        "timestamp_format",
        other_formats,
        &[DOCUMENTED],
        "the signature was made over the timestamp in another form than the header has; it must be over the header's text as it was sent",
    ),
    (
        "timestamp_of_body",
        |time| {
            let secs = time.body_secs();
            let numbers = secs.into_iter().flat_map(|secs| [secs.to_string(), format!("{secs}000")]);
            time.in_body.iter().cloned().chain(numbers).collect()
        },
        &[DOCUMENTED],
        "the signature was made over the timestamp field of the body; it must be over the X-Nano-Timestamp header",
    ),
    (
        "timestamp_of_signature",
        |time| time.in_signature.iter().map(ToString::to_string).collect(),
        &[DOCUMENTED],
        "the signature was made over the time that its own header has (t=...); it must be over the X-Nano-Timestamp header",
    ),
];

/// The documented layout, which is no mistake, and those of all rows.
pub(in super::super) fn layouts(time: &SignedTime<'_>) -> Vec<(Layout, Option<Fault>)> {
    let layout = |form: &str, time: &str| {
        let (before, after) = form.split_once("{body}").unwrap_or_default();
        let [before, after] = [before, after].map(|part| part.replace("{time}", time));
        Layout { before, after }
    };
    let mut layouts = vec![(layout(DOCUMENTED, time.header), None)];
    for (code, times, forms, clause) in ROWS {
        for time in times(time) {
            for form in *forms {
                let layout = layout(form, &time);
                if layouts.iter().all(|(known, _)| *known != layout) {
                    layouts.push((layout, Some(Fault::new(code, *clause))));
                }
            }
        }
    }
    layouts
}

fn as_given(time: &SignedTime<'_>) -> Vec<String> {
    vec![time.header.to_owned()]
}

fn other_units(time: &SignedTime<'_>) -> Vec<String> {
    let number = time.number().unwrap_or_default();
    let numbers = [
        number / 1_000,
        number.saturating_mul(1_000),
        number / 1_000_000,
    ];
    let numbers = numbers.iter().filter(|number| **number > 0);
    numbers.map(u64::to_string).collect()
}

fn other_formats(time: &SignedTime<'_>) -> Vec<String> {
    let text = time.header.trim();
    let mut texts = vec![
        text.to_owned(),
        text.trim_start_matches('0').to_owned(),
        format!("{text}.0"),
        format!("\"{text}\""),
        format!(" {text}"),
        format!("{text}\n"),
        format!("t={text}"),
    ];
    texts.extend(text.split_once('.').map(|(whole, _)| whole.to_owned()));
    let secs = time.header_secs().and_then(|secs| i64::try_from(secs).ok());
    let date = secs.and_then(|secs| OffsetDateTime::from_unix_timestamp(secs).ok());
    if let Some(date) = date.and_then(|date| date.format(&Rfc3339).ok()) {
        texts.extend([".000Z", "+00:00", "Z"].map(|zone| date.replace('Z', zone)));
    }
    if let Ok(date) = OffsetDateTime::parse(text, &Rfc3339) {
        texts.push(date.unix_timestamp().to_string());
        texts.push((date.unix_timestamp_nanos() / 1_000_000).to_string());
    }
    texts
}
