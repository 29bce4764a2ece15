use std::time::Instant;

use futures_util::StreamExt as _;
use futures_util::future::{FutureExt as _, LocalBoxFuture};
use futures_util::stream;

use crate::bench::Bench;
use crate::report::Report;
use crate::settings::Settings;
use crate::target::Target;

/// Nothing, or what differs.
pub(crate) type Check = Result<(), String>;

/// Rows that wait for deadlines should not wait one after the other.
const AT_ONCE: usize = 12;

/// Rows, each with a server of its own.
pub(crate) struct Table<'t, T> {
    pub(crate) target: &'t T,
    rows: Vec<Row<'t>>,
}

struct Row<'t> {
    name: String,
    check: LocalBoxFuture<'t, Check>,
}

impl<'t, T: Target> Table<'t, T> {
    pub(crate) fn new(target: &'t T) -> Self {
        Self {
            target,
            rows: Vec::new(),
        }
    }

    /// A row against a server with the default settings.
    pub(crate) fn row<C>(&mut self, name: impl Into<String>, check: C)
    where
        C: AsyncFnOnce(&Bench) -> Check + 't,
    {
        self.row_with(name, Settings::default(), check);
    }

    /// A row against a server with other settings.
    pub(crate) fn row_with<C>(&mut self, name: impl Into<String>, settings: Settings, check: C)
    where
        C: AsyncFnOnce(&Bench) -> Check + 't,
    {
        let target = self.target;
        self.push(name, async move {
            let server = target.start(settings.clone()).await;
            let bench = Bench::new(&server, settings, target.patience());
            check(&bench).await
        });
    }

    /// A row that starts its server by itself.
    pub(crate) fn push(
        &mut self,
        name: impl Into<String>,
        check: impl Future<Output = Check> + 't,
    ) {
        self.rows.push(Row {
            name: name.into(),
            check: check.boxed_local(),
        });
    }

    /// Runs the rows whose names are wanted.
    pub(crate) async fn run(self, what: &'static str, wanted: impl Fn(&str) -> bool) -> Report {
        let rows = self.rows.into_iter().filter(|row| wanted(&row.name));
        let rows = rows.map(async |row| {
            let began = Instant::now();
            let result = row.check.await;
            (row.name, result, began.elapsed())
        });
        let results: Vec<_> = stream::iter(rows).buffered(AT_ONCE).collect().await;
        let mut report = Report::new(what);
        for (name, result, took) in results {
            report.add_timed(name, result, took);
        }
        report
    }
}
