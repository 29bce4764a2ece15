use std::future::poll_fn;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use nano_webhook_core::Secret;
use serde_json::Value;

use super::broken::{self, Fault};
use super::provider::{Events, Provider, URL};
use crate::auth::Auth;
use crate::client::{Client, Shared};
use crate::ensure::Change;
use crate::error::Error;
use crate::kind::ErrorKind;
use crate::retry::RetryPolicy;
use crate::transport::{Answer, BoxFuture, Request, Transport};
use crate::url::BaseUrl;
use crate::webhook::NewWebhook;

/// Longer than every wait before a retry, which takes no time here.
const LIST_DELAY: Duration = Duration::from_secs(4000);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Job {
    Ensure(Events),
    Rotate(Events),
    Broken(Fault, Events),
}

/// What becomes of a run's pending call. A run that does not retry ends with an
/// error after a loss, which leaves what its death before or after the call leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Fate {
    Served,
    ServedStale,
    RequestLost,
    AnswerLost,
}

pub(crate) type Step = (usize, Fate);

/// Whether the run created the webhook that remains.
pub(crate) type Outcome = Result<bool, ErrorKind>;

/// What a run waits for.
enum Slot {
    Idle,
    Asked(Request),
    Answered(Result<Answer, Error>),
    Asleep,
}

/// The transport of one run.
#[derive(Clone)]
struct Port(Arc<Mutex<Slot>>);

impl Port {
    fn swap(&self, slot: Slot) -> Slot {
        std::mem::replace(&mut *self.0.lock().unwrap(), slot)
    }

    fn wait(&self) -> Poll<Slot> {
        match &*self.0.lock().unwrap() {
            Slot::Asked(_) | Slot::Asleep => return Poll::Pending,
            _ => {}
        }
        Poll::Ready(self.swap(Slot::Idle))
    }
}

impl Transport for Port {
    fn exchange(&self, request: Request) -> BoxFuture<'_, Result<Answer, Error>> {
        self.swap(Slot::Asked(request));
        Box::pin(async {
            match poll_fn(|_| self.wait()).await {
                Slot::Answered(answer) => answer,
                _ => panic!("woken without an answer"),
            }
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        if duration >= LIST_DELAY / 4 {
            self.swap(Slot::Asleep);
        }
        Box::pin(async { drop(poll_fn(|_| self.wait()).await) })
    }
}

pub(crate) struct Run {
    port: Port,
    future: Option<BoxFuture<'static, Outcome>>,
    pub(crate) events: Value,
    pub(crate) secret: String,
    /// Of every answer, so it determines what the run does next.
    history: DefaultHasher,
}

/// One execution, up to now.
pub(crate) struct Execution {
    pub(crate) provider: Provider,
    pub(crate) runs: Vec<Run>,
    faults: u32,
    /// From here on the URL must never be without a webhook.
    pub(crate) armed: bool,
    pub(crate) last: Option<(usize, Outcome)>,
}

impl Execution {
    pub(crate) fn start(provider: &Provider, jobs: &[Job], faults: u32, attempts: u32) -> Self {
        let run = |(position, job): (usize, &Job)| {
            let port = Port(Arc::new(Mutex::new(Slot::Idle)));
            let secret = format!("the-secret-of-run-{position}");
            let (Job::Ensure(events) | Job::Rotate(events) | Job::Broken(_, events)) = *job;
            Run {
                future: Some(Box::pin(perform(
                    client(port.clone(), attempts),
                    *job,
                    secret.clone(),
                ))),
                port,
                events: events.into(),
                secret,
                history: DefaultHasher::new(),
            }
        };
        let mut execution = Self {
            armed: provider.active().count() > 0,
            provider: provider.clone(),
            runs: jobs.iter().enumerate().map(run).collect(),
            faults,
            last: None,
        };
        (0..jobs.len()).for_each(|run| execution.poll(run));
        execution
    }

    fn poll(&mut self, run: usize) {
        let Some(future) = &mut self.runs[run].future else {
            return;
        };
        let polled = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(outcome) = polled {
            self.runs[run].future = None;
            self.armed |= outcome.is_ok();
            self.last = Some((run, outcome));
        }
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        use Fate::{AnswerLost, RequestLost, Served, ServedStale};
        let mut steps = Vec::new();
        for (position, run) in self.runs.iter().enumerate() {
            let fates: &[Fate] = match &*run.port.0.lock().unwrap() {
                Slot::Asleep => &[Served],
                Slot::Asked(request) => match (self.faults > 0, request.method == "GET") {
                    (false, true) if self.provider.lags => &[Served, ServedStale],
                    (false, _) => &[Served],
                    (true, true) => &[Served, AnswerLost],
                    (true, false) => &[Served, AnswerLost, RequestLost],
                },
                _ => &[],
            };
            steps.extend(fates.iter().map(|fate| (position, *fate)));
        }
        steps
    }

    pub(crate) fn step(&mut self, (position, fate): Step) {
        let run = &mut self.runs[position];
        fate.hash(&mut run.history);
        if let Slot::Asked(request) = run.port.swap(Slot::Idle) {
            let answer = (fate != Fate::RequestLost)
                .then(|| self.provider.serve(&request, fate == Fate::ServedStale))
                .filter(|_| fate != Fate::AnswerLost)
                .ok_or_else(|| Error::new(ErrorKind::Interrupted, ""));
            match &answer {
                Ok(answer) => answer.body.hash(&mut run.history),
                Err(_) => self.faults -= 1,
            }
            run.port.swap(Slot::Answered(answer));
        } else {
            self.provider.horizon.clone_from(&self.provider.hooks);
        }
        self.poll(position);
    }

    pub(crate) fn key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.provider.hooks, &self.provider.horizon).hash(&mut hasher);
        for run in &self.runs {
            // What a run has seen does not matter once it has ended.
            (run.future.as_ref().map(|_| run.history.finish())).hash(&mut hasher);
        }
        let last = (self.last.as_ref()).map(|(run, outcome)| (run, outcome.as_ref().ok()));
        (self.faults, self.armed, last).hash(&mut hasher);
        hasher.finish()
    }
}

pub(crate) fn client(transport: impl Transport + 'static, attempts: u32) -> Client {
    let shared = Arc::new(Shared {
        transport: Box::new(transport),
        base_url: BaseUrl::parse("http://localhost", false).unwrap(),
        auth: Auth::none(),
        retry: RetryPolicy::default().max_attempts(attempts),
        list_delay: LIST_DELAY,
    });
    Client { shared }
}

pub(crate) fn wanted(events: Events, secret: &str) -> NewWebhook {
    NewWebhook::new(URL, events.iter().copied(), Secret::new(secret).unwrap())
}

async fn perform(client: Client, job: Job, secret: String) -> Outcome {
    let outcome = match job {
        Job::Ensure(events) => {
            let ensured = client.ensure(&wanted(events, &secret)).await;
            ensured.map(|ensured| ensured.change != Change::Unchanged)
        }
        Job::Rotate(events) => match client.rotate(&wanted(events, &secret)).await {
            Ok(rotation) => rotation.finish().await.map(|_| true),
            Err(error) => Err(error),
        },
        Job::Broken(fault, events) => {
            broken::ensure(&client, &wanted(events, &secret), fault).await
        }
    };
    outcome.map_err(|error| error.kind())
}
