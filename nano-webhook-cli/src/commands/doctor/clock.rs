use std::time::{Duration, UNIX_EPOCH};

use http::header::{AGE, DATE};
use nano_webhook_core::UnixTime;

use super::kinds;
use super::report::Report;
use crate::exit::Failure;
use crate::http::Answer;

/// A `Date` has whole seconds, and servers keep it for up to one more.
const DATE_MILLIS: i64 = 2_000;

/// Differences up to this are no finding.
const SLACK_MILLIS: u64 = 5_000;

/// How far another clock is ahead of this machine's, in milliseconds: between two bounds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offset {
    low: i64,
    high: i64,
}

/// The clocks of the others, if they are known.
#[derive(Default)]
pub(super) struct Clocks {
    pub(super) receiver: Option<Offset>,
    pub(super) provider: Option<Offset>,
}

/// Waits for an answer, and compares its `Date` with the time before and after it.
pub(super) async fn measured(
    answer: impl Future<Output = Result<Answer, Failure>>,
) -> (Result<Answer, Failure>, Option<Offset>) {
    let before = UnixTime::now();
    let answer = answer.await;
    let after = UnixTime::now();
    let offset = answer.as_ref().ok().and_then(|answer| {
        // An answer from a cache has an old date.
        let is_cached = answer.headers.contains_key(AGE);
        let date = answer.headers.get(DATE).filter(|_| !is_cached)?;
        let date = httpdate::parse_http_date(date.to_str().ok()?).ok()?;
        let date = date.duration_since(UNIX_EPOCH).ok()?.as_millis();
        Offset::between(i64::try_from(date).ok()?, before, after)
    });
    (answer, offset)
}

impl Offset {
    /// From another clock's time, cut off to whole seconds or not.
    pub(super) fn between(date: i64, before: UnixTime, after: UnixTime) -> Option<Self> {
        let millis = |time: UnixTime| i64::try_from(time.as_millis()).ok();
        let latest = date.checked_add(DATE_MILLIS)?;
        Some(Self {
            low: date.checked_sub(millis(after)?)?,
            high: latest.checked_sub(millis(before)?)?,
        })
    }

    fn minus(self, other: Self) -> Self {
        Self {
            low: self.low.saturating_sub(other.high),
            high: self.high.saturating_sub(other.low),
        }
    }

    /// The smallest difference within the bounds, if it is more than the slack.
    pub(super) fn noticeable(self) -> Option<i64> {
        let smallest = match self.low > 0 {
            true => self.low,
            false => self.high.min(0),
        };
        (smallest.unsigned_abs() > SLACK_MILLIS).then_some(smallest)
    }
}

impl Clocks {
    pub(super) fn check(&self, tolerance: Duration, report: &mut Report) {
        let between = (self.receiver.zip(self.provider)).map(|(one, other)| one.minus(other));
        if self.receiver.or(self.provider).is_none() {
            return report.skip("clocks", "no answer has a Date");
        }
        report.checked("clocks");
        let found = [
            (between, "the receiver's", "the provider's"),
            (self.receiver, "the receiver's", "this machine's"),
            (self.provider, "the provider's", "this machine's"),
        ];
        let mut found = (found.into_iter())
            .filter_map(|(offset, who, than)| Some((offset?.noticeable()?, who, than)));
        let Some((difference, who, than)) = found.next() else {
            return;
        };
        if report.has(kinds::CLOCK_OUTSIDE) {
            return;
        }
        // A receiver that agrees with the provider accepts what the provider sends.
        let is_harmless = between.is_some() && than == "this machine's";
        let is_outside = u128::from(difference.unsigned_abs()) > tolerance.as_millis();
        let kind = match is_outside && !is_harmless {
            true => kinds::CLOCK_OUTSIDE,
            false => kinds::CLOCK_DIFFERS,
        };
        let seen = format!("{who} clock is at least {} {than}", words(difference));
        report.add(kind, seen);
    }
}

/// `12 s ahead of`
pub(super) fn words(millis: i64) -> String {
    let direction = if millis > 0 { "ahead of" } else { "behind" };
    format!("{} s {direction}", millis.unsigned_abs() / 1000)
}

#[cfg(test)]
mod tests {
    use super::Offset;
    use nano_webhook_core::UnixTime;

    /// A second that a request takes, and the fraction that a `Date` lacks, are no
    /// difference.
    #[test]
    fn slack() {
        let [before, after] = [100_900, 102_100].map(UnixTime::from_millis);
        for (date, expected) in [
            (100, None),
            (99, None),
            (94, None),
            (93, Some(-5_900)),
            (107, None),
            (108, Some(5_900)),
            (700, Some(597_900)),
        ] {
            let offset = Offset::between(date * 1000, before, after).unwrap();
            assert_eq!(offset.noticeable(), expected, "{date}");
        }
    }
}
