use std::env;
use std::time::Duration;

use super::kinds;
use super::report::Report;

/// What the receivers are configured with.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Settings of the receivers")]
pub(super) struct Limits {
    /// Their body limit in bytes [default: 262144]
    #[arg(long, value_name = "BYTES")]
    body_limit: Option<usize>,

    /// Their body timeout [default: 10]
    #[arg(long, value_name = "SECONDS")]
    body_timeout: Option<u64>,

    /// Their tolerance [default: NANO_WEBHOOK_TOLERANCE, else 300]
    #[arg(long, value_name = "SECONDS")]
    tolerance: Option<u64>,

    /// Their lease of a claim [default: 30]
    #[arg(long, value_name = "SECONDS")]
    lease: Option<u64>,

    /// How long they remember a completion [default: 259200, 72 hours]
    #[arg(long, value_name = "SECONDS")]
    retention: Option<u64>,

    /// How long a shutdown waits for deliveries [default: 25]
    #[arg(long, value_name = "SECONDS")]
    drain: Option<u64>,
}

/// What the path is checked with.
pub(super) struct Settings {
    pub(super) body_limit: usize,
    pub(super) tolerance: Duration,
}

impl Limits {
    pub(super) fn check(&self, report: &mut Report) -> Settings {
        let body_limit = self.body_limit.unwrap_or(256 * 1024);
        let body_timeout = self.body_timeout.unwrap_or(10);
        let tolerance = (self.tolerance).or_else(|| number("NANO_WEBHOOK_TOLERANCE", report));
        let tolerance = tolerance.unwrap_or(300);
        let lease = self.lease.unwrap_or(30);
        let retention = self.retention.unwrap_or(72 * 3600);
        let drain = self.drain.unwrap_or(25);
        let idle = number("NANO_WEBHOOK_IDLE_TIMEOUT", report).unwrap_or(75);
        let window = tolerance.saturating_mul(2).saturating_add(60);

        let mut add = |is_found, kind, seen| {
            if is_found {
                report.add(kind, seen);
            }
        };
        let seen = format!("the tolerance is {tolerance} s");
        add(tolerance < 30, kinds::TOLERANCE_SHORT, seen);
        let seen = format!("a shutdown waits {drain} s, the body timeout is {body_timeout} s");
        add(drain <= body_timeout, kinds::DRAIN_SHORT, seen);
        let seen = format!("the lease is {lease} s");
        add(lease <= 5, kinds::LEASE_SHORT, seen);
        let seen = format!(
            "the retention is {retention} s, twice the tolerance and a minute are {window} s"
        );
        add(retention < window, kinds::RETENTION_SHORT, seen);
        let seen = format!("the idle timeout is {idle} s");
        add(idle < 60, kinds::IDLE_SHORT, seen);
        report.checked("settings");
        Settings {
            // One larger than any receiver's would only fill the memory.
            body_limit: body_limit.min(64 << 20),
            tolerance: Duration::from_secs(tolerance),
        }
    }
}

/// As the receiver examples read it: a variable that is set but empty is not set.
pub(super) fn variable(name: &str) -> Option<String> {
    let value = env::var_os(name)?.to_string_lossy().into_owned();
    Some(value).filter(|value| !value.is_empty())
}

fn number(name: &str, report: &mut Report) -> Option<u64> {
    let text = variable(name)?;
    let number = text.parse().ok();
    if number.is_none() {
        let seen = format!("{name} is not a whole number of seconds");
        report.add(kinds::SETTING_UNREADABLE, seen);
    }
    number
}
