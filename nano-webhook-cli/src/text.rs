//! Texts that come from elsewhere, made fit for a terminal.

use std::fmt::Write as _;
use std::time::Duration;

/// Control characters and those that change the direction of writing, escaped:
/// a delivery must not move the cursor or recolour a terminal.
pub(crate) fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if is_disturbing(character) {
            let _ = write!(safe, "{}", character.escape_default());
        } else {
            safe.push(character);
        }
    }
    safe
}

/// Event and task of a delivery, as far as they are known.
pub(crate) fn label(event: Option<&str>, task_id: Option<&str>) -> String {
    let known: Vec<_> = event.into_iter().chain(task_id).map(printable).collect();
    known.join(" ")
}

/// As [`printable`], but lines stay lines.
pub(crate) fn printable_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(printable).collect();
    lines.join("\n")
}

fn is_disturbing(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The beginning of a text.
pub(crate) fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// Seconds, with milliseconds only where there are any.
pub(crate) fn seconds(duration: Duration) -> String {
    match duration.subsec_millis() {
        0 => format!("{} s", duration.as_secs()),
        fraction => format!("{}.{fraction:03} s", duration.as_secs()),
    }
}

/// A short duration, in the unit that fits.
pub(crate) fn latency(duration: Duration) -> String {
    let micros = duration.as_secs_f64() * 1e6;
    if micros < 1e3 {
        format!("{micros:.0} µs")
    } else if micros < 1e6 {
        format!("{:.1} ms", micros / 1e3)
    } else {
        format!("{:.2} s", micros / 1e6)
    }
}

/// The time of day, in UTC.
pub(crate) fn clock(unix_secs: u64) -> String {
    let secs = unix_secs % (24 * 60 * 60);
    format!("{:02}:{:02}:{:02}Z", secs / 3600, secs / 60 % 60, secs % 60)
}

#[cfg(test)]
mod tests {
    use super::{clock, latency, printable, printable_lines, seconds, shortened};
    use std::time::Duration;

    #[test]
    fn texts() {
        for (text, expected) in [
            ("job.completed", "job.completed"),
            ("é 🍌", "é 🍌"),
            ("\u{1b}[31mred\r\n", "\\u{1b}[31mred\\r\\n"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("\u{9b}2J", "\\u{9b}2J"),
        ] {
            assert_eq!(printable(text), expected);
        }
        assert_eq!(printable_lines("a\r\nb\u{7}"), "a\nb\\u{7}");
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöü", 2), "äö…");
    }

    #[test]
    fn durations() {
        assert_eq!(seconds(Duration::from_millis(1500)), "1.500 s");
        assert_eq!(seconds(Duration::from_secs(301)), "301 s");
        assert_eq!(clock(1_734_951_907), "11:05:07Z");
        assert_eq!(latency(Duration::from_micros(420)), "420 µs");
        assert_eq!(latency(Duration::from_micros(1_250)), "1.2 ms");
        assert_eq!(latency(Duration::from_millis(2_500)), "2.50 s");
    }
}
