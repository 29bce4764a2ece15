use std::fmt;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::{FutureExt as _, LocalBoxFuture};
use futures_util::stream;

use crate::settings::Settings;
use crate::target::Target;
use crate::trial::Trial;

/// Nothing, or what differs.
pub(crate) type Check = Result<(), String>;

/// Rows that wait for deadlines should not wait one after the other.
const AT_ONCE: usize = 12;

/// Rows, each with a server of its own.
pub(crate) struct Table<'t, T> {
    pub(crate) target: &'t T,
    rows: Vec<(String, LocalBoxFuture<'t, Check>)>,
}

impl<'t, T: Target> Table<'t, T> {
    pub(crate) fn new(target: &'t T) -> Self {
        let rows = Vec::new();
        Self { target, rows }
    }

    /// A row against a server with the default settings.
    pub(crate) fn row<C>(&mut self, name: impl Into<String>, check: C)
    where
        C: AsyncFnOnce(&Trial) -> Check + 't,
    {
        self.row_with(name, Settings::default(), check);
    }

    /// A row against a server with other settings.
    pub(crate) fn row_with<C>(&mut self, name: impl Into<String>, settings: Settings, check: C)
    where
        C: AsyncFnOnce(&Trial) -> Check + 't,
    {
        let target = self.target;
        self.push(name, async move {
            let server = target.start(settings.clone()).await;
            check(&Trial::new(&server, settings)).await
        });
    }

    /// A row that starts its server by itself.
    pub(crate) fn push(
        &mut self,
        name: impl Into<String>,
        check: impl Future<Output = Check> + 't,
    ) {
        self.rows.push((name.into(), check.boxed_local()));
    }

    /// Runs all rows.
    ///
    /// # Panics
    /// With the table, if a row differs, or if there are fewer rows than there should be.
    pub(crate) async fn run(self, what: &'static str, at_least: usize) {
        let rows = self.rows.into_iter().map(async |(name, check)| {
            let began = Instant::now();
            let result = check.await;
            (name, result, began.elapsed())
        });
        let mut rows = stream::iter(rows).buffered(AT_ONCE);
        let mut report = Report::new(what);
        while let Some((name, result, took)) = rows.next().await {
            report.add_timed(name, result, Some(took));
        }
        report.finish(at_least);
    }
}

/// The result of each row: a run goes on after a difference, and reports all at the end.
#[must_use = "an unfinished report passes"]
pub(crate) struct Report {
    what: &'static str,
    rows: Vec<(String, Check, Option<Duration>)>,
}

impl Report {
    pub(crate) fn new(what: &'static str) -> Self {
        let rows = Vec::new();
        Self { what, rows }
    }

    pub(crate) fn add(&mut self, name: impl Into<String>, result: Check) {
        self.add_timed(name.into(), result, None);
    }

    fn add_timed(&mut self, name: String, result: Check, took: Option<Duration>) {
        self.rows.push((name, result, took));
    }

    fn differing(&self) -> usize {
        self.rows
            .iter()
            .filter(|(_, result, _)| result.is_err())
            .count()
    }

    pub(crate) fn finish(self, at_least: usize) {
        assert_eq!(self.differing(), 0, "{self}");
        let rows = self.rows.len();
        assert!(
            rows >= at_least,
            "{}: {rows} rows, not {at_least}",
            self.what
        );
        #[expect(clippy::print_stdout, reason = "captured unless it was asked for")]
        {
            println!("{self}");
        }
    }
}

/// The table. What differs stands at its end, where a reader looks first.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let longest_table = 400;
        writeln!(f, "{}", self.what)?;
        // Thousands of vectors that are as they should be are no table to read.
        for (name, result, took) in self.rows.iter().take(longest_table) {
            let mark = if result.is_ok() { "ok    " } else { "DIFFER" };
            let millis = took.map_or_else(String::new, |took| took.as_millis().to_string());
            writeln!(f, "{mark} {millis:>6}  {name}")?;
        }
        for (name, result, _) in &self.rows {
            if let Err(difference) = result {
                writeln!(f, "{name}: {difference}")?;
            }
        }
        let (differing, rows) = (self.differing(), self.rows.len());
        write!(f, "{}: {differing} of {rows} differ", self.what)
    }
}
