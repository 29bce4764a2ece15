use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::{FutureExt as _, StreamExt as _, stream};
use hdrhistogram::Histogram;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::delivery::Recipe;
use super::expected::Expected;
use crate::commands::verify::at_least_one;
use crate::exit::{Exit, Failure};
use crate::http::{Answer, Target, status_text};
use crate::output::{BAD, FAINT, GOOD, Output, STRONG, styled};
use crate::shutdown;
use crate::text::latency;

/// How much is sent.
#[derive(clap::Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Load")]
pub(super) struct Plan {
    /// Send so many deliveries and print a summary
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) repeat: u64,

    /// How many of them at the same time
    #[arg(long, value_name = "C", default_value_t = 1, value_parser = at_least_one)]
    concurrency: usize,
}

/// How it was answered.
struct Summary {
    statuses: BTreeMap<u16, u64>,
    failed: u64,
    /// Of the first one that had no answer.
    failure: Option<Failure>,
    /// In microseconds.
    latencies: Histogram<u64>,
    elapsed: Duration,
    interrupted: bool,
}

pub(super) async fn run(
    plan: &Plan,
    target: &Target,
    recipe: &Recipe,
    expected: &Expected,
    output: &Output,
) -> Result<Exit, Failure> {
    let mut summary = Summary {
        statuses: BTreeMap::new(),
        failed: 0,
        failure: None,
        latencies: Histogram::new(3)?,
        elapsed: Duration::ZERO,
        interrupted: false,
    };
    // On standard error, and only if that is a terminal.
    let progress = ProgressBar::new(plan.repeat);
    let template = "{bar:40} {pos}/{len}  {per_sec}  {eta} to go";
    progress.set_style(ProgressStyle::with_template(template)?);
    let began = Instant::now();
    let interrupted = Cell::new(false);
    let interrupt = shutdown::signal()?.map(|()| interrupted.set(true));
    let post = |_| async {
        let prepared = recipe.prepare()?;
        target.post_pooled(&prepared.headers, &prepared.body).await
    };
    let answers = stream::iter(0..plan.repeat).map(post);
    let answers = answers.buffer_unordered(plan.concurrency);
    let mut answers = std::pin::pin!(answers.take_until(interrupt));
    while let Some(answer) = answers.next().await {
        summary.add(answer)?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    summary.interrupted = interrupted.get();
    summary.elapsed = began.elapsed();
    summary.show(plan, expected, output)?;
    Ok(summary.exit(expected))
}

impl Summary {
    /// What could not even be tried ends the whole run.
    fn add(&mut self, answer: Result<Answer, Failure>) -> Result<(), Failure> {
        match answer {
            Ok(answer) => {
                let count = self.statuses.entry(answer.status.as_u16()).or_default();
                *count = count.saturating_add(1);
                let micros = u64::try_from(answer.elapsed.as_micros()).unwrap_or(u64::MAX);
                // The histogram grows by itself; nothing that fits in time is beyond it.
                let _ = self.latencies.record(micros.max(1));
                Ok(())
            }
            Err(failure) if failure.exit == Exit::Network => {
                self.failed = self.failed.saturating_add(1);
                self.failure.get_or_insert(failure);
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }

    fn answered(&self) -> u64 {
        self.statuses.values().sum()
    }

    fn as_expected(&self, expected: &Expected) -> u64 {
        let met = (self.statuses.iter()).filter(|(status, _)| expected.met_by(**status));
        met.map(|(_, count)| count).sum()
    }

    fn exit(&self, expected: &Expected) -> Exit {
        if self.interrupted {
            Exit::Interrupted
        } else if self.as_expected(expected) < self.answered() {
            Exit::No
        } else if self.failed > 0 {
            Exit::Network
        } else {
            Exit::Success
        }
    }

    /// p50, p90, p99 and the largest.
    fn percentiles(&self) -> [(&'static str, Duration); 4] {
        let at = |quantile| Duration::from_micros(self.latencies.value_at_quantile(quantile));
        [
            ("p50", at(0.5)),
            ("p90", at(0.9)),
            ("p99", at(0.99)),
            ("max", Duration::from_micros(self.latencies.max())),
        ]
    }

    fn per_second(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "for people")]
        let answered = self.answered() as f64;
        answered / self.elapsed.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    fn show(&self, plan: &Plan, expected: &Expected, output: &Output) -> Result<(), Failure> {
        if let Some(Failure { message, .. }) = &self.failure {
            let count = self.failed;
            output.warn(format_args!("{count} had no answer; the first: {message}"));
        }
        if output.is_json() {
            let latency: BTreeMap<_, _> = (self.percentiles().into_iter())
                .map(|(name, duration)| (name, duration.as_secs_f64() * 1e3))
                .collect();
            return output.json(&json!({
                "planned": plan.repeat,
                "concurrency": plan.concurrency,
                "answered": self.answered(),
                "as_expected": self.as_expected(expected),
                "no_answer": self.failed,
                "statuses": self.statuses,
                "seconds": self.elapsed.as_secs_f64(),
                "per_second": self.per_second(),
                "latency_ms": (!self.latencies.is_empty()).then_some(latency),
                "interrupted": self.interrupted,
            }));
        }
        output.line(format_args!(
            "{} in {:.2} s, {:.0} a second, {} at a time",
            styled(STRONG, format_args!("{} answered", self.answered())),
            self.elapsed.as_secs_f64(),
            self.per_second(),
            plan.concurrency,
        ))?;
        for (status, count) in &self.statuses {
            let style = if expected.met_by(*status) { GOOD } else { BAD };
            let status = styled(style, status_text(*status));
            output.line(format_args!("  {count:>8}  {status}"))?;
        }
        if self.failed > 0 {
            let none = styled(BAD, "no answer");
            output.line(format_args!("  {:>8}  {none}", self.failed))?;
        }
        if self.latencies.is_empty() {
            return Ok(());
        }
        let percentiles = self
            .percentiles()
            .map(|(name, duration)| format!("{} {}", styled(FAINT, name), latency(duration)));
        output.line(format_args!("latency  {}", percentiles.join("  ")))
    }
}
