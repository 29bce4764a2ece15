use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use nano_webhook_core::Secret;

use super::broken::{self, Fault};
use super::port::{LIST_DELAY, Port, Slot, World};
use super::provider::{Provider, URL};
use crate::auth::Auth;
use crate::base_url::BaseUrl;
use crate::client::{Client, Shared};
use crate::ensure::Change;
use crate::error::Error;
use crate::error_kind::ErrorKind;
use crate::retry::RetryPolicy;
use crate::transport::BoxFuture;
use crate::webhook::NewWebhook;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Job {
    Ensure(&'static str),
    Rotate(&'static str),
    Broken(Fault, &'static str),
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

pub(crate) struct Run {
    future: Option<BoxFuture<'static, Outcome>>,
    pub(crate) events: &'static str,
    pub(crate) secret: String,
    /// Of every answer, so it determines what the run does next.
    history: DefaultHasher,
}

/// One execution, up to now.
pub(crate) struct Execution {
    world: Arc<Mutex<World>>,
    pub(crate) runs: Vec<Run>,
    faults: u32,
    /// From here on the URL must never be without a webhook.
    pub(crate) armed: bool,
    pub(crate) last: Option<(usize, Outcome)>,
}

impl Execution {
    pub(crate) fn start(provider: &Provider, jobs: &[Job], faults: u32, attempts: u32) -> Self {
        let world = World {
            provider: provider.clone(),
            slots: jobs.iter().map(|_| Slot::Idle).collect(),
        };
        let mut execution = Self {
            armed: provider.active().count() > 0,
            world: Arc::new(Mutex::new(world)),
            runs: Vec::new(),
            faults,
            last: None,
        };
        for (position, job) in jobs.iter().enumerate() {
            let port = Port(Arc::clone(&execution.world), position);
            let client = Client {
                shared: Arc::new(Shared {
                    transport: Box::new(port),
                    base_url: BaseUrl::parse("http://localhost", false).unwrap(),
                    auth: Auth::none(),
                    retry: RetryPolicy::default().max_attempts(attempts),
                    list_delay: LIST_DELAY,
                }),
            };
            let secret = format!("the-secret-of-run-{position}");
            let (Job::Ensure(events) | Job::Rotate(events) | Job::Broken(_, events)) = *job;
            execution.runs.push(Run {
                future: Some(Box::pin(perform(client, *job, secret.clone()))),
                events,
                secret,
                history: DefaultHasher::new(),
            });
            execution.poll(position);
        }
        execution
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    fn poll(&mut self, run: usize) {
        let Some(future) = &mut self.runs[run].future else {
            return;
        };
        if let Poll::Ready(outcome) = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            self.runs[run].future = None;
            self.armed |= outcome.is_ok();
            self.last = Some((run, outcome));
        }
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        use Fate::{AnswerLost, RequestLost, Served, ServedStale};
        let mut steps = Vec::new();
        let world = self.world();
        for (run, slot) in world.slots.iter().enumerate() {
            let fates: &[Fate] = match slot {
                Slot::Asleep => &[Served],
                Slot::Asked(request) => match (self.faults > 0, request.method == "GET") {
                    (false, true) if world.provider.lags => &[Served, ServedStale],
                    (false, _) => &[Served],
                    (true, true) => &[Served, AnswerLost],
                    (true, false) => &[Served, AnswerLost, RequestLost],
                },
                _ => &[],
            };
            if self.runs[run].future.is_some() {
                steps.extend(fates.iter().map(|fate| (run, *fate)));
            }
        }
        steps
    }

    pub(crate) fn step(&mut self, (run, fate): Step) {
        fate.hash(&mut self.runs[run].history);
        let lost = || Err(Error::new(ErrorKind::Interrupted));
        let slot = std::mem::replace(&mut self.world().slots[run], Slot::Idle);
        let next = match slot {
            Slot::Asked(request) => {
                let serve = || {
                    self.world()
                        .provider
                        .serve(&request, fate == Fate::ServedStale)
                };
                let answer = match fate {
                    Fate::Served | Fate::ServedStale => Ok(serve()),
                    Fate::RequestLost => lost(),
                    Fate::AnswerLost => {
                        serve();
                        lost()
                    }
                };
                if let Ok(answer) = &answer {
                    answer.body.hash(&mut self.runs[run].history);
                }
                Slot::Answered(answer)
            }
            _ => {
                let provider = &mut self.world.lock().unwrap().provider;
                provider.horizon.clone_from(&provider.hooks);
                Slot::Idle
            }
        };
        self.world().slots[run] = next;
        if !matches!(fate, Fate::Served | Fate::ServedStale) {
            self.faults -= 1;
        }
        self.poll(run);
    }

    pub(crate) fn key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let world = self.world();
        world.provider.hooks.hash(&mut hasher);
        world.provider.horizon.hash(&mut hasher);
        for run in &self.runs {
            // What a run has seen does not matter once it has ended.
            (run.future.as_ref().map(|_| run.history.finish())).hash(&mut hasher);
        }
        let last = (self.last.as_ref()).map(|(run, outcome)| (run, outcome.as_ref().ok()));
        (self.faults, self.armed, last).hash(&mut hasher);
        hasher.finish()
    }
}

async fn perform(client: Client, job: Job, secret: String) -> Outcome {
    let wanted = |events: &str| {
        let events: Vec<String> = serde_json::from_str(events).unwrap();
        NewWebhook::new(URL, events, Secret::new(secret).unwrap())
    };
    let outcome = match job {
        Job::Ensure(events) => {
            let ensured = client.ensure(&wanted(events)).await;
            ensured.map(|ensured| ensured.change != Change::Unchanged)
        }
        Job::Rotate(events) => {
            let wanted = wanted(events);
            match client.rotate(&wanted).await {
                Ok(rotation) => rotation.finish().await.map(|_| true),
                Err(error) => Err(error),
            }
        }
        Job::Broken(fault, events) => broken::ensure(&client, &wanted(events), fault).await,
    };
    outcome.map_err(|error| error.kind())
}
