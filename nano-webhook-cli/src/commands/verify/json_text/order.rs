//! The order of members, and the notation of numbers.

use std::fmt::Write as _;

use serde_json::Value;

use super::JsonText;

impl JsonText<'_> {
    /// With `6.0` for `6`, as programs print floating-point numbers.
    pub(in super::super) fn with_fractions(self) -> String {
        self.numbers(|number| match number.contains(['.', 'e', 'E']) {
            true => number.to_owned(),
            false => format!("{number}.0"),
        })
    }

    /// With `6` for `6.0` and `6.00`.
    pub(in super::super) fn without_fractions(self) -> String {
        self.numbers(
            |number| match number.contains('.') && !number.contains(['e', 'E']) {
                true => number
                    .trim_end_matches('0')
                    .trim_end_matches('.')
                    .to_owned(),
                false => number.to_owned(),
            },
        )
    }

    fn numbers(self, change: impl Fn(&str) -> String) -> String {
        let mut number = String::new();
        let mut text = self.outside_strings(|character, out| {
            let is_letter = out.ends_with(|last: char| last.is_ascii_alphabetic());
            if character.is_ascii_digit()
                || (!number.is_empty() && ".eE+-".contains(character))
                || (character == '-' && !is_letter)
            {
                number.push(character);
                return;
            }
            if !number.is_empty() {
                out.push_str(&change(&number));
                number.clear();
            }
            out.push(character);
        });
        if !number.is_empty() {
            text.push_str(&change(&number));
        }
        text
    }

    /// With the members of every object in alphabetical order, compact.
    pub(in super::super) fn sorted(self) -> Option<String> {
        let value = serde_json::from_str(self.0).ok()?;
        let mut out = String::with_capacity(self.0.len());
        write_members(&value, &|_| 0, &mut out);
        Some(out)
    }

    /// With the members in the order of the provider's example, those that are
    /// not in it after them; compact.
    pub(in super::super) fn in_documented_order(self) -> Option<String> {
        let value = serde_json::from_str(self.0).ok()?;
        let mut out = String::with_capacity(self.0.len());
        write_members(&value, &documented_position, &mut out);
        Some(out)
    }
}

fn write_members(value: &Value, position: &dyn Fn(&str) -> usize, out: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| (position(name), name.as_str()));
            out.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                let _ = write!(out, "{}:", Value::from(name.as_str()));
                write_members(value, position, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_members(item, position, out);
            }
            out.push(']');
        }
        other => {
            let _ = write!(out, "{other}");
        }
    }
}

/// `url` and `credits_charged` stand inside `data`, so one list will do.
fn documented_position(name: &str) -> usize {
    [
        "event",
        "task_id",
        "task_type",
        "status",
        "data",
        "url",
        "error",
        "credits_charged",
        "timestamp",
    ]
    .iter()
    .position(|known| *known == name)
    .unwrap_or(usize::MAX)
}
