//! What was signed in addition to the body, and where the body stands in it.

use nano_webhook_core::UnixTime;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Fault;
use crate::commands::verify::parse_time;

/// What stands before and after the body in a message that was signed, and the mistake
/// that this is.
pub(in super::super) type Layout = ([String; 2], Option<Fault>);

/// Code, the forms of the message, and the clause. Each form has one name of
/// [`SignedTime::values`].
#[rustfmt::skip]
const ROWS: &[(&str, &[&str], &str)] = &[
    ("timestamp_unit", &["{unit}.{body}"],
        "the signature was made over the timestamp in another unit than the header has, seconds or milliseconds; it must be over the header's text as it was sent"),
    ("timestamp_not_signed", &["{none}{body}"],
        "the signature was made over the body alone, as GitHub and Shopify do; it must be over the timestamp, a dot and the body"),
    ("separator_missing", &["{time}{body}"],
        "the signature was made without the dot between the timestamp and the body"),
    ("separator_wrong", &[
            "{time}:{body}", "{time},{body}", "{time};{body}", "{time}|{body}", "{time}-{body}",
            "{time}_{body}", "{time} {body}", "{time}\n{body}", "{time}\r\n{body}",
            "{time}. {body}", "{time}..{body}", "{time}&{body}", "{time}/{body}",
            "{time}\\n{body}", "{time}+{body}", "{time}\0{body}",
        ],
        "the signature was made with something other than one dot between the timestamp and the body"),
    ("message_order", &[
            "{body}.{time}", "{body}{time}", "{body}:{time}", "{body},{time}", "{body}|{time}",
            "{body}\n{time}",
        ],
        "the signature was made over the body and then the timestamp; the timestamp comes first"),
    ("message_of_another_scheme", &["v0:{time}:{body}", "v1.{time}.{body}", "{id_and_time}.{body}"],
        "the signature was made over the message of another scheme (Slack: v0:timestamp:body, Standard Webhooks: id.timestamp.body); it must be over the timestamp, a dot and the body"),
    ("timestamp_format", &[
            "{other_form}.{body}", "{time}.0.{body}", "\"{time}\".{body}", " {time}.{body}",
            "{time}\n.{body}", "t={time}.{body}",
        ],
        "the signature was made over the timestamp in another form than the header has; it must be over the header's text as it was sent"),
    ("timestamp_of_body", &["{time_of_body}.{body}"],
        "the signature was made over the timestamp field of the body; it must be over the X-Nano-Timestamp header"),
    ("timestamp_of_signature", &["{time_of_signature}.{body}"],
        "the signature was made over the time that its own header has (t=...); it must be over the X-Nano-Timestamp header"),
];

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
    /// The header in seconds, whatever its unit.
    pub(in super::super) fn header_secs(&self) -> Option<u64> {
        let number: u64 = self.header.trim().parse().ok()?;
        Some(match number {
            0..100_000_000_000 => number,
            100_000_000_000..100_000_000_000_000 => number / 1_000,
            100_000_000_000_000..100_000_000_000_000_000 => number / 1_000_000,
            _ => number / 1_000_000_000,
        })
    }

    /// The names in forms, each with the texts that it stands for.
    fn values(&self) -> Vec<(&'static str, String)> {
        let (header, text) = (self.header, self.header.trim());
        let whole = text.split('.').next().unwrap_or(text);
        let forms = [text, text.trim_start_matches('0'), whole].map(str::to_owned);
        let date = self.header_secs().and_then(|secs| {
            let date = OffsetDateTime::from_unix_timestamp(secs.try_into().ok()?).ok()?;
            date.format(&Rfc3339).ok()
        });
        let dates = date.map(|date| [".000Z", "+00:00", "Z"].map(|zone| date.replace('Z', zone)));
        let forms = forms.into_iter().chain(dates.into_iter().flatten());
        let in_body = self.in_body.iter().cloned();
        let in_body = in_body.chain(self.in_body.iter().flat_map(|text| numbers(text)));
        let mut values = vec![("{none}", String::new()), ("{time}", header.to_owned())];
        values.extend(other_units(text).map(|number| ("{unit}", number)));
        values.extend((self.ids.iter()).map(|id| ("{id_and_time}", format!("{id}.{header}"))));
        values.extend(
            forms
                .chain(numbers(text))
                .map(|form| ("{other_form}", form)),
        );
        values.extend(in_body.map(|time| ("{time_of_body}", time)));
        values.extend((self.in_signature).map(|time| ("{time_of_signature}", time.to_owned())));
        values
    }
}

fn other_units(text: &str) -> impl Iterator<Item = String> {
    let number: u64 = text.parse().unwrap_or_default();
    let larger = number.saturating_mul(1_000);
    let numbers = [number / 1_000, larger, number / 1_000_000].into_iter();
    let numbers = numbers.filter(|number| *number > 0);
    numbers.map(|number| number.to_string())
}

/// A time in seconds and in milliseconds.
fn numbers(text: &str) -> Vec<String> {
    let numbers = parse_time(text).map(|time| [time.as_secs(), time.as_millis()]);
    numbers.iter().flatten().map(u64::to_string).collect()
}

/// The documented layout, which is no mistake, and those of all rows.
pub(in super::super) fn layouts(time: &SignedTime<'_>) -> Vec<Layout> {
    let mut layouts = vec![([format!("{}.", time.header), String::new()], None)];
    let values = time.values();
    for (code, forms, clause) in ROWS {
        for form in *forms {
            let (before, after) = form.split_once("{body}").unwrap_or_default();
            for (name, value) in values.iter().filter(|(name, _)| form.contains(name)) {
                let message = [before, after].map(|part| part.replace(name, value));
                if layouts.iter().all(|(known, _)| *known != message) {
                    layouts.push((message, Some(Fault::new(code, *clause))));
                }
            }
        }
    }
    layouts
}

/// The timestamp of another delivery of the same body, of a retry, say: milliseconds
/// within the header's second, then seconds outwards from the header's time, then from
/// the body's.
pub(in super::super) fn other_times(
    time: &SignedTime<'_>,
    reach: u64,
) -> impl Iterator<Item = Layout> + use<> {
    let header = time.header_secs();
    let within = |secs: u64| (0..1000).map(move |millis| secs * 1000 + millis);
    let around = move |center: u64| {
        (0..=reach).flat_map(move |by| [center.checked_sub(by), center.checked_add(by)])
    };
    let in_body = time.in_body.iter().find_map(|text| parse_time(text).ok());
    let centers = header.into_iter().chain(in_body.map(UnixTime::as_secs));
    let numbers = header.into_iter().flat_map(within);
    let numbers = numbers.chain(centers.flat_map(around).flatten());
    numbers.map(move |number| {
        let fault = another_time(number, header.unwrap_or_default());
        ([format!("{number}."), String::new()], Some(fault))
    })
}

fn another_time(number: u64, header: u64) -> Fault {
    if number / 1000 == header {
        let clause = "the signature was made over the timestamp in milliseconds, but it was given in seconds; it must be over the header's text as it was sent";
        return Fault::new("timestamp_unit", clause);
    }
    let direction = if number > header { "later" } else { "earlier" };
    let distance = number.abs_diff(header);
    let clause = format!(
        "the signature is right for this body with another timestamp, one that is {distance} s {direction}: timestamp and signature are from two deliveries"
    );
    Fault::new("timestamp_of_another_delivery", clause)
}
