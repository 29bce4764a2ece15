use std::fmt;
use std::time::Duration;

/// What became of each row: a run goes on after a difference, and tells all at
/// the end.
#[derive(Debug)]
#[must_use = "a report that nobody looks at passes"]
pub struct Report {
    what: &'static str,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: String,
    difference: Option<String>,
    took: Option<Duration>,
}

impl Report {
    pub(crate) fn new(what: &'static str) -> Self {
        Self {
            what,
            rows: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, name: &str, result: Result<(), String>) {
        self.push(name.to_owned(), result, None);
    }

    pub(crate) fn add_timed(&mut self, name: String, result: Result<(), String>, took: Duration) {
        self.push(name, result, Some(took));
    }

    fn push(&mut self, name: String, result: Result<(), String>, took: Option<Duration>) {
        self.rows.push(Row {
            name,
            difference: result.err(),
            took,
        });
    }

    /// How many rows there are.
    #[must_use]
    pub fn checked(&self) -> usize {
        self.rows.len()
    }

    /// The names of the rows that differ.
    pub fn differing(&self) -> impl Iterator<Item = &str> {
        self.rows
            .iter()
            .filter(|row| row.difference.is_some())
            .map(|row| row.name.as_str())
    }

    /// # Panics
    /// With the table, if a row differs, or if there are fewer rows than there
    /// should be.
    pub(crate) fn finish(self, at_least: usize) {
        assert!(self.differing().next().is_none(), "{self}");
        assert!(
            self.checked() >= at_least,
            "{}: {} rows, not {at_least}",
            self.what,
            self.checked()
        );
        // For a look at what was checked: `cargo test -- --nocapture`.
        #[expect(clippy::print_stdout, reason = "captured unless it was asked for")]
        {
            println!("{self}");
        }
    }
}

/// The table: what differs at its end, where a reader looks first.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let differing = self.differing().count();
        let longest_table = 400;
        writeln!(f, "{}", self.what)?;
        // Thousands of vectors that are as they should be are no table to read.
        if self.rows.len() <= longest_table {
            for row in &self.rows {
                let mark = match row.difference {
                    None => "ok    ",
                    Some(_) => "DIFFER",
                };
                match row.took {
                    Some(took) => writeln!(f, "{mark} {:>6} ms  {}", took.as_millis(), row.name)?,
                    None => writeln!(f, "{mark}  {}", row.name)?,
                }
            }
        }
        for row in &self.rows {
            if let Some(difference) = &row.difference {
                writeln!(f, "{}: {difference}", row.name)?;
            }
        }
        write!(
            f,
            "{}: {differing} of {} differ",
            self.what,
            self.rows.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let mut report = Report::new("a table");
        report.add("one", Ok(()));
        report.add_timed("two".to_owned(), Err("not so".to_owned()), Duration::ZERO);
        report
    }

    #[test]
    fn tells_all() {
        let report = report();
        assert_eq!(report.differing().collect::<Vec<_>>(), ["two"]);
        let text = report.to_string();
        assert!(text.contains("ok     "), "{text}");
        assert!(
            text.ends_with("two: not so\na table: 1 of 2 differ"),
            "{text}"
        );
    }

    #[test]
    #[should_panic(expected = "1 of 2 differ")]
    fn fails_for_one_row() {
        report().finish(0);
    }

    #[test]
    #[should_panic(expected = "0 rows, not 1")]
    fn fails_without_rows() {
        Report::new("an empty table").finish(1);
    }
}
