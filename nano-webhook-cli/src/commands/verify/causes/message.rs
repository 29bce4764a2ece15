use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Cause;

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

pub(in super::super) const MESSAGES: &[Cause<Candidates>] = &[
    Cause {
        code: "timestamp_unit",
        clause: "the signature was made over the timestamp in another unit than the header has, seconds or milliseconds; it must be over the header's text as it was sent",
        candidates: |time| {
            let number = time.number();
            [
                number.map(|number| number / 1_000),
                number.and_then(|number| number.checked_mul(1_000)),
                number.map(|number| number / 1_000_000),
            ]
            .into_iter()
            .flatten()
            .filter(|number| *number > 0)
            .map(|number| Layout::documented(&number.to_string()))
            .collect()
        },
    },
    Cause {
        code: "timestamp_not_signed",
        clause: "the signature was made over the body alone; it must be over the timestamp, a dot and the body",
        candidates: |_| vec![Layout::new("", "")],
    },
    Cause {
        code: "separator_missing",
        clause: "the signature was made without the dot between the timestamp and the body",
        candidates: |time| vec![Layout::new(time.header, "")],
    },
    Cause {
        code: "separator_wrong",
        clause: "the signature was made with something else than one dot between the timestamp and the body",
        candidates: |time| {
            [
                ":", ",", ";", "|", "-", "_", " ", "\n", "\r\n", ". ", "..", "&",
            ]
            .map(|separator| Layout::new(&format!("{}{separator}", time.header), ""))
            .to_vec()
        },
    },
    Cause {
        code: "message_order",
        clause: "the signature was made over the body and then the timestamp; the timestamp comes first",
        candidates: |time| {
            [".", "", ":", ",", "|", "\n"]
                .map(|separator| Layout::new("", &format!("{separator}{}", time.header)))
                .to_vec()
        },
    },
    Cause {
        code: "timestamp_format",
        clause: "the signature was made over the timestamp in another form than the header has; it must be over the header's text as it was sent",
        candidates: |time| {
            let text = time.header;
            let trimmed = text.trim();
            let mut texts = vec![
                trimmed.to_owned(),
                trimmed.trim_start_matches('0').to_owned(),
                format!("{trimmed}.0"),
                format!("\"{trimmed}\""),
                format!(" {trimmed}"),
            ];
            if let Some((whole, _)) = trimmed.split_once('.') {
                texts.push(whole.to_owned());
            }
            if let Some(date) = time
                .header_secs()
                .and_then(|secs| i64::try_from(secs).ok())
                .and_then(|secs| OffsetDateTime::from_unix_timestamp(secs).ok())
                .and_then(|date| date.format(&Rfc3339).ok())
            {
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
        },
    },
    Cause {
        code: "timestamp_of_body",
        clause: "the signature was made over the timestamp field of the body; it must be over the X-Nano-Timestamp header",
        candidates: |time| {
            let mut texts: Vec<String> = time.in_body.iter().cloned().collect();
            if let Some(secs) = time.body_secs() {
                texts.push(secs.to_string());
                texts.push(format!("{secs}000"));
            }
            texts.iter().map(|text| Layout::documented(text)).collect()
        },
    },
];
