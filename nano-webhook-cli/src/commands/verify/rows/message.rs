use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Row, Step, row};

/// Where the body stands in the message that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Layout {
    pub(in super::super) before: Vec<u8>,
    pub(in super::super) after: Vec<u8>,
}

impl Layout {
    /// The documented one: the timestamp, a dot, the body.
    pub(in super::super) fn documented(timestamp: &str) -> Self {
        Self::new(&format!("{timestamp}."), "")
    }

    fn new(before: &str, after: &str) -> Self {
        Self {
            before: before.as_bytes().to_vec(),
            after: after.as_bytes().to_vec(),
        }
    }
}

/// What is known about when a delivery was signed.
pub(in super::super) struct SignedTime<'a> {
    /// The header's value.
    pub(in super::super) header: &'a str,
    /// The `timestamp` field of the body.
    pub(in super::super) in_body: Option<String>,
    /// The time inside the signature header, as in `t=…,v1=…`.
    pub(in super::super) in_signature: Option<String>,
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

    fn parsed_body(&self) -> Option<OffsetDateTime> {
        OffsetDateTime::parse(self.in_body.as_deref()?, &Rfc3339).ok()
    }

    /// The body's time in seconds.
    pub(in super::super) fn body_secs(&self) -> Option<u64> {
        u64::try_from(self.parsed_body()?.unix_timestamp()).ok()
    }
}

/// From the times of a delivery to the messages that may have been signed.
type Candidates = fn(&SignedTime<'_>) -> Vec<Layout>;

pub(in super::super) const MESSAGES: &[Row<Candidates>] = &[
    message(
        "timestamp_unit",
        |time| {
            let Some(number) = time.number() else {
                return Vec::new();
            };
            let thousand = number.saturating_mul(1_000);
            [number / 1_000, thousand, number / 1_000_000]
                .into_iter()
                .filter(|number| *number > 0)
                .map(|number| Layout::documented(&number.to_string()))
                .collect()
        },
        "the signature was made over the timestamp in another unit than the header has, seconds or milliseconds; it must be over the header's text as it was sent",
    ),
    message(
        "timestamp_not_signed",
        |_| vec![Layout::new("", "")],
        "the signature was made over the body alone, as GitHub and Shopify do; it must be over the timestamp, a dot and the body",
    ),
    message(
        "separator_missing",
        |time| vec![Layout::new(time.header, "")],
        "the signature was made without the dot between the timestamp and the body",
    ),
    message(
        "separator_wrong",
        |time| {
            const SEPARATORS: &[&str] = &[
                ":", ",", ";", "|", "-", "_", " ", "\n", "\r\n", ". ", "..", "&", "/", "\\n", "+",
                "\0",
            ];
            let layout = |separator: &&str| Layout::new(&format!("{}{separator}", time.header), "");
            SEPARATORS.iter().map(layout).collect()
        },
        "the signature was made with something other than one dot between the timestamp and the body",
    ),
    message(
        "message_order",
        |time| {
            let layout = |separator| Layout::new("", &format!("{separator}{}", time.header));
            [".", "", ":", ",", "|", "\n"].map(layout).to_vec()
        },
        "the signature was made over the body and then the timestamp; the timestamp comes first",
    ),
    message(
        "message_of_another_scheme",
        |time| {
            let slack = Layout::new(&format!("v0:{}:", time.header), "");
            let version = Layout::new(&format!("v1.{}.", time.header), "");
            let with_id = |id: &String| Layout::new(&format!("{id}.{}.", time.header), "");
            let ids = time.ids.iter().map(with_id);
            [slack, version].into_iter().chain(ids).collect()
        },
        "the signature was made over the message of another scheme (Slack: v0:timestamp:body, Standard Webhooks: id.timestamp.body); it must be over the timestamp, a dot and the body",
    ),
    message(
        "timestamp_format",
        other_formats,
        "the signature was made over the timestamp in another form than the header has; it must be over the header's text as it was sent",
    ),
    message(
        "timestamp_of_body",
        |time| {
            let mut texts: Vec<String> = time.in_body.iter().cloned().collect();
            if let Some(secs) = time.body_secs() {
                texts.push(secs.to_string());
                texts.push(format!("{secs}000"));
            }
            texts.iter().map(|text| Layout::documented(text)).collect()
        },
        "the signature was made over the timestamp field of the body; it must be over the X-Nano-Timestamp header",
    ),
    message(
        "timestamp_of_signature",
        |time| {
            let texts = time.in_signature.iter();
            texts.map(|text| Layout::documented(text)).collect()
        },
        "the signature was made over the time that its own header has (t=...); it must be over the X-Nano-Timestamp header",
    ),
];

const fn message(code: &'static str, undo: Candidates, clause: &'static str) -> Row<Candidates> {
    row(code, Step::Signed, undo, clause)
}

fn other_formats(time: &SignedTime<'_>) -> Vec<Layout> {
    let text = time.header;
    let trimmed = text.trim();
    let mut texts = vec![
        trimmed.to_owned(),
        trimmed.trim_start_matches('0').to_owned(),
        format!("{trimmed}.0"),
        format!("\"{trimmed}\""),
        format!(" {trimmed}"),
        format!("{trimmed}\n"),
        format!("t={trimmed}"),
    ];
    texts.extend(trimmed.split_once('.').map(|(whole, _)| whole.to_owned()));
    let date = time
        .header_secs()
        .and_then(|secs| i64::try_from(secs).ok())
        .and_then(|secs| OffsetDateTime::from_unix_timestamp(secs).ok())
        .and_then(|date| date.format(&Rfc3339).ok());
    if let Some(date) = date {
        texts.push(date.replace('Z', ".000Z"));
        texts.push(date.replace('Z', "+00:00"));
        texts.push(date);
    }
    if let Ok(date) = OffsetDateTime::parse(trimmed, &Rfc3339) {
        texts.push(date.unix_timestamp().to_string());
        texts.push((date.unix_timestamp_nanos() / 1_000_000).to_string());
    }
    texts
        .iter()
        .filter(|other| *other != text)
        .map(|text| Layout::documented(text))
        .collect()
}
