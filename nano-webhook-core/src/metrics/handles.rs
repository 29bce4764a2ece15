use std::sync::OnceLock;

use ::metrics::{Counter, Gauge, Histogram, Unit};
use ::metrics::{counter, describe_counter, describe_gauge, describe_histogram};

use super::{Arrival, Stopwatch};
use crate::delivery::Delivery;
use crate::error::{CODES, WebhookError};
use crate::event::WebhookEvent;
use crate::keyring::MatchedSecret;

const OUTCOMES: [&str; 10] = [
    "completed",
    "released",
    "duplicate",
    "differing_duplicate",
    "in_progress",
    "lease_lost",
    "parked",
    "store_unavailable",
    "unguarded",
    "unsettled",
];

/// Counters by the value of a label.
type By = Vec<(&'static str, Counter)>;

pub(super) struct Handles {
    deliveries: [By; 3],
    rejections: By,
    secrets: By,
    pub(super) store_errors: By,
    pub(super) forgotten: Counter,
    pub(super) in_flight: Gauge,
    age: Histogram,
    body_size: Histogram,
    verification_duration: Histogram,
    pub(super) claim_duration: Histogram,
    pub(super) handler_duration: Histogram,
}

/// Registers every series with the recorder that is installed, at zero: a rate or
/// an alert then sees the first event too. Without this call, the first request
/// does it.
pub fn register() {
    handles();
}

pub(super) fn handles() -> &'static Handles {
    static HANDLES: OnceLock<Handles> = OnceLock::new();
    HANDLES.get_or_init(Handles::new)
}

pub(super) fn increment(counters: &By, value: &str) {
    if let Some((_, counter)) = counters.iter().find(|(of, _)| *of == value) {
        counter.increment(1);
    }
}

impl Handles {
    fn new() -> Self {
        let name = "nano_webhook_in_flight";
        let help = "Deliveries from the beginning of their claim to its end.";
        describe_gauge!(name, Unit::Count, help);
        let in_flight = ::metrics::gauge!(name);
        let name = "nano_webhook_forgotten_total";
        let help = "Completions that a full memory store dropped before their time.";
        describe_counter!(name, Unit::Count, help);
        let forgotten = counter!(name);
        Self {
            deliveries: ["job.completed", "job.failed", "unknown"].map(deliveries),
            rejections: counters(
                "nano_webhook_rejections_total",
                "Requests that were answered with an error.",
                "code",
                CODES.iter().copied(),
            ),
            secrets: counters(
                "nano_webhook_matched_secrets_total",
                "Verified deliveries by the secret that signed them.",
                "secret",
                ["current", "previous"],
            ),
            store_errors: counters(
                "nano_webhook_store_errors_total",
                "Calls of the deduplication store that failed.",
                "operation",
                ["claim", "renew", "complete", "release"],
            ),
            forgotten,
            in_flight,
            age: histogram(
                "nano_webhook_age_seconds",
                "Time from the signature to the arrival of a verified delivery.",
            ),
            body_size: histogram(
                "nano_webhook_body_size_bytes",
                "Size of the signed body of a verified delivery.",
            ),
            verification_duration: histogram(
                "nano_webhook_verification_duration_seconds",
                "Checking the signature and parsing the event.",
            ),
            claim_duration: histogram(
                "nano_webhook_claim_duration_seconds",
                "One claim in the deduplication store.",
            ),
            handler_duration: histogram(
                "nano_webhook_handler_duration_seconds",
                "The handler of a delivery.",
            ),
        }
    }

    pub(super) fn verified(&self, delivery: &Delivery, arrival: &Arrival, took: &Stopwatch) {
        self.verification_duration.record(took.started.elapsed());
        self.age.record(delivery.signed_at().until(arrival.at));
        // Exact below 8 PiB.
        self.body_size.record(delivery.body().len() as f64);
        let secret = match delivery.secret() {
            MatchedSecret::Current => "current",
            MatchedSecret::Previous => "previous",
        };
        increment(&self.secrets, secret);
    }

    pub(super) fn rejected(&self, error: &WebhookError) {
        increment(&self.rejections, error.code());
    }

    pub(super) fn ended(&self, event: &WebhookEvent, outcome: &str) {
        let [completed, failed, unknown] = &self.deliveries;
        let by_outcome = match event {
            WebhookEvent::Completed(_) => completed,
            WebhookEvent::Failed(_) => failed,
            WebhookEvent::Unknown(_) => unknown,
        };
        increment(by_outcome, outcome);
    }
}

fn deliveries(event: &'static str) -> By {
    let name = "nano_webhook_deliveries_total";
    describe_counter!(name, Unit::Count, "Verified deliveries by how they ended.");
    let counter = |outcome| counter!(name, "event" => event, "outcome" => outcome);
    OUTCOMES.map(|outcome| (outcome, counter(outcome))).into()
}

fn counters(
    name: &'static str,
    help: &'static str,
    label: &'static str,
    values: impl IntoIterator<Item = &'static str>,
) -> By {
    describe_counter!(name, Unit::Count, help);
    let counter = |value| (value, counter!(name, label => value));
    values.into_iter().map(counter).collect()
}

fn histogram(name: &'static str, help: &'static str) -> Histogram {
    let unit = match name.ends_with("_seconds") {
        true => Unit::Seconds,
        false => Unit::Bytes,
    };
    describe_histogram!(name, unit, help);
    ::metrics::histogram!(name)
}
