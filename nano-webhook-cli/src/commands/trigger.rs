use std::time::Duration;

use clap::ValueEnum;
use indicatif::ProgressBar;
use nano_webhook_simulator::{Control, DeliveryOutcome, Error, ErrorKind, Job, JobReport};
use serde_json::json;

use super::simulate;
use crate::exit::{Exit, Failure};
use crate::output::{BAD, GOOD, Output, STRONG, WARNING, styled};
use crate::secrets::{ApiKey, Input};
use crate::text::printable;

/// Make a job end in a running simulator
///
/// The simulator delivers the event to every webhook that subscribes to it. This
/// command waits until each delivery was acknowledged or given up, and shows the
/// attempts.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// How the job ends
    outcome: Outcome,

    /// The base URL of the simulator
    #[arg(
        long,
        value_name = "URL",
        env = "NANO_WEBHOOK_SIMULATOR",
        default_value = "http://127.0.0.1:4010"
    )]
    simulator: String,

    /// The task [default: a new one]
    #[arg(long, value_name = "ID", help_heading = "Job")]
    task_id: Option<String>,

    /// What the job makes [default: image]
    #[arg(long, value_name = "TYPE", help_heading = "Job")]
    task_type: Option<String>,

    /// Where the result is, for a completed job
    #[arg(long, value_name = "URL", help_heading = "Job")]
    result_url: Option<String>,

    /// What the job cost
    #[arg(long, value_name = "NUMBER", help_heading = "Job", value_parser = finite)]
    credits: Option<f64>,

    /// Why the job failed
    #[arg(long, value_name = "TEXT", help_heading = "Job")]
    reason: Option<String>,

    /// Do not wait for the deliveries
    #[arg(long)]
    no_wait: bool,

    #[command(flatten)]
    key: ApiKey,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Outcome {
    /// With a result: job.completed
    Completed,
    /// Without one: job.failed
    Failed,
}

const EXAMPLES: &str = "\
Examples:
  nano-webhook trigger completed
  nano-webhook trigger failed --reason 'out of memory' --task-id task_42

Exit codes: 0 every delivery was acknowledged (with --no-wait: the job has ended), 1 one was not
or there was none, 2 it could not be tried, 3 the simulator cannot be reached.";

pub(crate) async fn run(args: Args, output: &Output) -> Result<Exit, Failure> {
    let control = control(&args.simulator, &args.key, output)?;
    let job = args.job();
    let report = if args.no_wait {
        control.trigger(&job).await
    } else {
        // On standard error, and only if that is a terminal.
        let spinner = ProgressBar::new_spinner().with_message("waiting for the deliveries");
        spinner.enable_steady_tick(Duration::from_millis(100));
        let report = control.trigger_and_wait(&job).await;
        spinner.finish_and_clear();
        report
    };
    let report = report.map_err(|error| explain(&error, &args.simulator))?;
    show(&report, output)?;
    let is_delivered = report.is_delivered() && !report.deliveries.is_empty();
    Ok(match args.no_wait || is_delivered {
        true => Exit::Success,
        false => Exit::No,
    })
}

fn finite(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| "not a number".to_owned())
}

/// A client for a simulator, with the key that the options name.
pub(crate) fn control(simulator: &str, key: &ApiKey, output: &Output) -> Result<Control, Failure> {
    let control = Control::new(simulator);
    let control = match (key.find(&mut Input::default(), output)?, &key.auth_header) {
        (Some(key), Some(name)) => control.and_then(|control| control.header(name, &key)),
        (Some(key), None) => control.and_then(|control| control.bearer(&key)),
        (None, _) => control,
    };
    control.map_err(|error| explain(&error, simulator))
}

impl Args {
    fn job(&self) -> Job {
        let mut job = match self.outcome {
            Outcome::Completed => Job::completed(),
            Outcome::Failed => Job::failed(),
        };
        if let Some(task_id) = &self.task_id {
            job = job.task_id(task_id);
        }
        if let Some(task_type) = &self.task_type {
            job = job.task_type(task_type);
        }
        if let Some(url) = &self.result_url {
            job = job.url(url);
        }
        if let Some(credits) = self.credits {
            job = job.credits(credits);
        }
        if let Some(reason) = &self.reason {
            job = job.reason(reason);
        }
        job
    }
}

pub(crate) fn explain(error: &Error, simulator: &str) -> Failure {
    let exit = match error.kind() {
        ErrorKind::Unreachable => Exit::Network,
        ErrorKind::Rejected { .. } | ErrorKind::NotASimulator { .. } => Exit::No,
        _ => Exit::Usage,
    };
    let mut failure = Failure::because(exit, error);
    failure.message = printable(&failure.message);
    if exit == Exit::Network {
        let hint = format!(" (is `nano-webhook simulate` running at {simulator}?)");
        failure.message.push_str(&printable(&hint));
    }
    failure
}

fn show(report: &JobReport, output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        return output.json(&json!(report));
    }
    let event = styled(STRONG, printable(&report.event));
    output.line(format_args!("{event} {}", printable(&report.task_id)))?;
    if report.deliveries.is_empty() {
        output.line(format_args!(
            "{} no active webhook subscribes to this event; register one with `nano-webhook endpoints ensure`",
            styled(WARNING, "not delivered:")
        ))?;
    }
    for delivery in &report.deliveries {
        for attempt in &delivery.attempts {
            output.line(format_args!("  {}", simulate::line(attempt)))?;
        }
        let (style, outcome) = match delivery.outcome {
            DeliveryOutcome::Delivered => (GOOD, "delivered"),
            DeliveryOutcome::Pending => (WARNING, "pending"),
            DeliveryOutcome::GivenUp => (BAD, "given up"),
            DeliveryOutcome::Refused => (BAD, "not sent"),
            DeliveryOutcome::Cancelled => (BAD, "cancelled"),
            _ => (WARNING, "unknown"),
        };
        let url = printable(&delivery.url);
        output.line(format_args!("{} to {url}", styled(style, outcome)))?;
    }
    Ok(())
}
