use std::fmt;

/// A table that marks each row that differs from what is expected.
pub(crate) struct Table {
    titles: [&'static str; 3],
    rows: Vec<Row>,
}

struct Row {
    cells: [String; 3],
    /// The expected second and third cell, if they differ.
    expected: Option<String>,
}

impl Table {
    pub(crate) fn new(titles: [&'static str; 3]) -> Self {
        Self {
            titles,
            rows: Vec::new(),
        }
    }

    /// Adds a row, and compares it with what is expected.
    pub(crate) fn row(
        &mut self,
        sent: &str,
        (answer, expected_answer): (String, &str),
        (seen, expected_seen): (Option<String>, Option<&str>),
    ) {
        let as_expected = answer == expected_answer && seen.as_deref() == expected_seen;
        self.rows.push(Row {
            cells: [
                sent.to_owned(),
                answer,
                seen.unwrap_or_else(|| "-".to_owned()),
            ],
            expected: (!as_expected)
                .then(|| format!("{expected_answer} | {}", expected_seen.unwrap_or("-"))),
        });
    }

    pub(crate) fn all_as_expected(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(|row| row.expected.is_none())
    }

    pub(crate) fn verdict(&self) -> String {
        let wrong = self
            .rows
            .iter()
            .filter(|row| row.expected.is_some())
            .count();
        match wrong {
            0 => format!("All {} as expected.", self.rows.len()),
            _ => format!(
                "{wrong} of {} differ from what is expected.",
                self.rows.len()
            ),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut widths = self.titles.map(|title| title.chars().count());
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(&row.cells) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let [first, second, third] = widths;
        let line = |cells: [&str; 3]| {
            let [a, b, c] = cells;
            format!("  {a:first$}   {b:second$}   {c:third$}")
                .trim_end()
                .to_owned()
        };
        writeln!(f, "{}", line(self.titles))?;
        let rules = widths.map(|width| "-".repeat(width));
        writeln!(f, "{}", line(rules.each_ref().map(String::as_str)))?;
        for row in &self.rows {
            writeln!(f, "{}", line(row.cells.each_ref().map(String::as_str)))?;
            if let Some(expected) = &row.expected {
                writeln!(f, "  ^ expected: {expected}")?;
            }
        }
        Ok(())
    }
}
