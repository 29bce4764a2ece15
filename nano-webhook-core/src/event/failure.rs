//! The cause in a failure payload, which the provider does not document.

use std::borrow::Cow;
use std::fmt;

use super::Credits;
use super::fields::{Unreadable, fields, read_text};
use crate::error::InvalidEvent;

/// The names under which a cause is looked for, in order of precedence: five for
/// reasons, two for codes.
pub(super) const CAUSES: [&str; 7] = [
    "error",
    "reason",
    "message",
    "error_message",
    "failure_reason",
    "code",
    "error_code",
];

#[derive(Default)]
pub(super) struct Causes<'a> {
    /// Inside `data`.
    pub(super) inside: [Option<&'a str>; CAUSES.len()],
    /// At the top level.
    pub(super) beside: [Option<&'a str>; CAUSES.len()],
    /// `data` itself, if it is not an object.
    pub(super) data: Option<&'a str>,
}

impl<'a> Causes<'a> {
    pub(super) fn at(&mut self, is_data: bool, name: &str) -> Option<&mut Option<&'a str>> {
        let level = match is_data {
            true => &mut self.inside,
            false => &mut self.beside,
        };
        let mut known = CAUSES.iter().zip(level);
        known.find_map(|(known, json)| (*known == name).then_some(json))
    }
}

/// Why a job failed. Neither text is empty.
#[derive(Default)]
pub(super) struct Cause<'a> {
    pub(super) reason: Option<Cow<'a, str>>,
    pub(super) code: Option<Cow<'a, str>>,
}

impl<'a> Cause<'a> {
    /// Looks inside `data` first, then at the top level; a `data` that is itself a
    /// text comes last. The code comes from the object that gave the reason, else
    /// from the first object that has one, else from a field.
    pub(super) fn find(
        causes: Causes<'a>,
        unreadable: &mut Unreadable,
    ) -> Result<Self, InvalidEvent> {
        let mut given = Self::default();
        let mut other_code = None;
        let mut field_code = None;
        for (place, level) in [("data.", causes.inside), ("", causes.beside)] {
            for (name, json) in CAUSES.iter().zip(level) {
                let Some(json) = json.filter(|json| *json != "null") else {
                    continue;
                };
                let path = format_args!("{place}{name}");
                if name.ends_with("code") {
                    let code = unreadable.note(path, read_code(json));
                    field_code = field_code.or(not_empty(code));
                    continue;
                }
                let cause = Self::read(path, json, unreadable)?;
                match (&given.reason, &cause.reason) {
                    (None, Some(_)) => given = cause,
                    _ => other_code = other_code.or(cause.code),
                }
            }
        }
        let data = causes.data;
        let data = data.and_then(|json| unreadable.note("data", read_text(json)));
        Ok(Self {
            reason: given.reason.or(not_empty(data)),
            code: given.code.or(other_code).or(field_code),
        })
    }

    /// Reads a text, or an object with a text and perhaps a code in it.
    fn read(
        path: fmt::Arguments<'_>,
        json: &'a str,
        unreadable: &mut Unreadable,
    ) -> Result<Self, InvalidEvent> {
        const NAMES: [&str; 5] = ["message", "reason", "error", "code", "type"];
        let mut cause = Self::default();
        if !json.starts_with('{') {
            let reason = unreadable.note(path, read_text(json));
            cause.reason = not_empty(reason);
            return Ok(cause);
        }
        for (name, field) in NAMES.iter().zip(fields(json, &NAMES)?) {
            let Some(json) = field.json() else { continue };
            let (slot, text) = match *name {
                "code" => (&mut cause.code, read_code(json)),
                "type" => (&mut cause.code, read_text(json)),
                _ => (&mut cause.reason, read_text(json)),
            };
            let text = unreadable.note(format_args!("{path}.{name}"), text);
            *slot = slot.take().or(not_empty(text));
        }
        Ok(cause)
    }
}

fn not_empty(text: Option<Cow<'_, str>>) -> Option<Cow<'_, str>> {
    text.filter(|text| !text.is_empty())
}

/// A code is a text or a whole number.
fn read_code(json: &str) -> Option<Cow<'_, str>> {
    let digits = json.strip_prefix('-').unwrap_or(json);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Cow::Borrowed(json));
    }
    let whole = || Some(Credits::from_json(json)?.as_u64()?.to_string().into());
    read_text(json).or_else(whole)
}
