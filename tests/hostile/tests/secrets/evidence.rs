use std::error::Error;
use std::fmt::Debug;

use aho_corasick::AhoCorasick;

use crate::needles::Needles;

/// All that was printed, with where it came from.
#[derive(Default)]
pub(crate) struct Evidence(Vec<(String, String)>);

impl Evidence {
    pub(crate) fn text(&mut self, from: &str, text: impl Into<String>) {
        self.0.push((from.to_owned(), text.into()));
    }

    /// Both forms of `Debug`.
    pub(crate) fn debug<T: Debug + ?Sized>(&mut self, from: &str, value: &T) {
        self.text(from, format!("{value:?} {value:#?}"));
    }

    /// An error and all that is behind it.
    pub(crate) fn error<E: Error + 'static>(&mut self, from: &str, error: &E) {
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(error) = cause {
            self.text(from, format!("{error} {error:?} {error:#?}"));
            cause = error.source();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Each needle that was found, and where.
    pub(crate) fn find(&self, needles: &Needles) -> Vec<String> {
        let search = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(needles.texts())
            .unwrap();
        let mut found = Vec::new();
        for (from, text) in &self.0 {
            // A list may stand on one line or on many.
            let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for hit in search.find_overlapping_iter(&one_line) {
                let what = needles.name(hit.pattern().as_usize());
                found.push(format!("{what} in {from}: {text}"));
            }
        }
        found
    }
}
