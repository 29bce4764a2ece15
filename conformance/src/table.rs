use std::fmt::Debug;

use futures_util::StreamExt as _;
use futures_util::future::{FutureExt as _, LocalBoxFuture};
use futures_util::stream;

use crate::settings::Settings;
use crate::target::Target;
use crate::trial::Trial;

/// Nothing, or what differs.
pub(crate) type Check = Result<(), String>;

pub(crate) fn ensure(holds: bool, difference: impl Into<String>) -> Check {
    if holds {
        Ok(())
    } else {
        Err(difference.into())
    }
}

pub(crate) fn equal<T: Debug + PartialEq<U>, U: Debug>(what: &str, got: T, expected: U) -> Check {
    let difference = format!("{what}: {got:?}, not {expected:?}");
    ensure(got == expected, difference)
}

/// Rows that wait for deadlines should not wait one after the other.
const AT_ONCE: usize = 12;

/// Rows, each with a server of its own.
pub(crate) struct Table<'t, T> {
    pub(crate) target: &'t T,
    pub(crate) rows: Rows<'t>,
}

/// Checks with their names, to be run at the same time.
#[derive(Default)]
pub(crate) struct Rows<'t>(Vec<(String, LocalBoxFuture<'t, Check>)>);

impl<'t, T: Target> Table<'t, T> {
    pub(crate) fn new(target: &'t T) -> Self {
        let rows = Rows::default();
        Self { target, rows }
    }

    pub(crate) fn row<C>(&mut self, name: impl Into<String>, check: C)
    where
        C: AsyncFnOnce(&Trial) -> Check + 't,
    {
        self.row_with(name, Settings::default(), check);
    }

    pub(crate) fn row_with<C>(&mut self, name: impl Into<String>, settings: Settings, check: C)
    where
        C: AsyncFnOnce(&Trial) -> Check + 't,
    {
        let target = self.target;
        self.rows.push(name, async move {
            let server = target.start(settings.clone()).await;
            check(&Trial::new(&server, settings)).await
        });
    }
}

impl<'t> Rows<'t> {
    pub(crate) fn push(
        &mut self,
        name: impl Into<String>,
        check: impl Future<Output = Check> + 't,
    ) {
        self.0.push((name.into(), check.boxed_local()));
    }

    pub(crate) async fn run(self, what: &str, at_least: usize) {
        let rows = self.0.into_iter();
        let rows = rows.map(async |(name, check)| (name, check.await));
        let results: Vec<_> = stream::iter(rows).buffered(AT_ONCE).collect().await;
        report(what, &results, at_least);
    }
}

/// Prints the table. Panics with all that differs, or if there are fewer rows than there
/// should be.
#[expect(clippy::print_stdout, reason = "captured unless it was asked for")]
pub(crate) fn report(what: &str, results: &[(String, Check)], at_least: usize) {
    let mut differing = Vec::new();
    for (name, result) in results {
        let mark = if result.is_ok() { "ok" } else { "DIFFER" };
        // Thousands of vectors are no table to read.
        if results.len() < 400 {
            println!("{mark:6} {name}");
        }
        if let Err(difference) = result {
            differing.push(format!("{name}: {difference}"));
        }
    }
    let (count, rows) = (differing.len(), results.len());
    let list = differing.join("\n");
    assert!(count == 0, "{list}\n{what}: {count} of {rows} differ");
    assert!(rows >= at_least, "{what}: {rows} rows, not {at_least}");
}
