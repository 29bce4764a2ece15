use std::collections::{HashMap, HashSet};
use std::fmt;
use std::future::poll_fn;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use nano_webhook_core::Secret;

use super::broken::{self, Fault};
use super::provider::{Provider, URL};
use crate::answer::Answer;
use crate::auth::Auth;
use crate::base_url::BaseUrl;
use crate::client::{Client, Shared};
use crate::ensure::Change;
use crate::error::{Error, ErrorKind};
use crate::retry::RetryPolicy;
use crate::transport::{BoxFuture, Request, Transport};
use crate::webhook::NewWebhook;

/// Longer than every wait before a retry, which takes no time here.
const LIST_DELAY: Duration = Duration::from_secs(4000);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Job {
    Ensure(&'static str),
    Rotate(&'static str),
    Broken(Fault, &'static str),
}

/// What becomes of a run's pending call. A run that does not retry ends with an
/// error after a loss, which leaves what its death before or after the call leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Fate {
    Served,
    ServedStale,
    RequestLost,
    AnswerLost,
}

type Step = (usize, Fate);

enum Slot {
    Idle,
    Asked(Request),
    Answered(Result<Answer, Error>),
    Asleep,
}

/// Whether the run created the webhook that remains.
type Outcome = Result<bool, ErrorKind>;

struct Run {
    future: Option<BoxFuture<'static, Outcome>>,
    events: &'static str,
    secret: String,
    /// Of every answer, so it determines what the run does next.
    history: DefaultHasher,
}

struct World {
    provider: Provider,
    slots: Vec<Slot>,
}

struct Port(Arc<Mutex<World>>, usize);

impl Port {
    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    fn wait(&self) -> Poll<Slot> {
        match &mut self.world().slots[self.1] {
            Slot::Asked(_) | Slot::Asleep => Poll::Pending,
            slot => Poll::Ready(std::mem::replace(slot, Slot::Idle)),
        }
    }
}

impl Transport for Port {
    fn exchange(&self, request: Request) -> BoxFuture<'_, Result<Answer, Error>> {
        self.world().slots[self.1] = Slot::Asked(request);
        Box::pin(async {
            match poll_fn(|_| self.wait()).await {
                Slot::Answered(answer) => answer,
                _ => panic!("woken without an answer"),
            }
        })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        if duration < LIST_DELAY / 4 {
            return Box::pin(async {});
        }
        self.world().slots[self.1] = Slot::Asleep;
        Box::pin(async { drop(poll_fn(|_| self.wait()).await) })
    }
}

/// One execution, up to now.
struct Execution {
    world: Arc<Mutex<World>>,
    runs: Vec<Run>,
    faults: u32,
    /// From here on the URL must never be without a webhook.
    armed: bool,
    last: Option<(usize, Outcome)>,
}

impl Execution {
    fn start(provider: &Provider, jobs: &[Job], faults: u32, attempts: u32) -> Self {
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

    fn world(&self) -> MutexGuard<'_, World> {
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

    fn steps(&self) -> Vec<Step> {
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

    fn step(&mut self, (run, fate): Step) {
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

    fn key(&self) -> u64 {
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

/// A depth-first search over all schedules. States that were met before are not
/// searched again, only counted.
#[derive(Default)]
pub(crate) struct Search {
    /// Whether the last success leaves exactly one webhook, its own.
    exact: bool,
    /// Of every call; 0 is 1.
    attempts: u32,
    ended: HashSet<u64>,
    schedules: u128,
    states: usize,
    seen: HashMap<u64, u128>,
}

impl Search {
    pub(crate) fn exact(attempts: u32) -> Self {
        Self {
            exact: true,
            attempts,
            ..Self::default()
        }
    }

    pub(crate) fn run(&mut self, provider: &Provider, jobs: &[Job], faults: u32) {
        self.seen.clear();
        self.ended.clear();
        let attempts = self.attempts.max(1);
        let start = || Execution::start(provider, jobs, faults, attempts);
        self.schedules += self.visit(&start, start(), &mut Vec::new());
        self.states += self.seen.len();
    }

    fn visit(
        &mut self,
        start: &dyn Fn() -> Execution,
        execution: Execution,
        path: &mut Vec<Step>,
    ) -> u128 {
        if let Some(schedules) = self.seen.get(&execution.key()) {
            return *schedules;
        }
        let key = execution.key();
        if execution.armed && execution.world().provider.active().count() == 0 {
            panic!("no webhook after {path:?}");
        }
        let mut steps = execution.steps();
        let schedules = match steps.pop() {
            None => {
                self.end(&execution, path);
                1
            }
            Some(last) => {
                let mut schedules = 0;
                for step in steps {
                    let mut again = start();
                    path.iter().for_each(|step| again.step(*step));
                    schedules += self.follow(start, again, path, step);
                }
                schedules + self.follow(start, execution, path, last)
            }
        };
        self.seen.insert(key, schedules);
        schedules
    }

    fn follow(
        &mut self,
        start: &dyn Fn() -> Execution,
        mut execution: Execution,
        path: &mut Vec<Step>,
        step: Step,
    ) -> u128 {
        execution.step(step);
        path.push(step);
        let schedules = self.visit(start, execution, path);
        path.pop();
        schedules
    }

    fn end(&mut self, execution: &Execution, path: &[Step]) {
        let provider = execution.world().provider.clone();
        let active: Vec<_> = provider.active().collect();
        if let (true, Some((run, Ok(created)))) = (self.exact, &execution.last) {
            let run = &execution.runs[*run];
            let [hook] = active[..] else {
                panic!("{} webhooks after {path:?}", active.len());
            };
            assert!(hook.events == run.events, "other events after {path:?}");
            assert!(
                !created || hook.secret == run.secret,
                "another secret after {path:?}"
            );
        }
        let mut hasher = DefaultHasher::new();
        provider.hooks.hash(&mut hasher);
        if !self.ended.insert(hasher.finish()) {
            return;
        }
        // One more run, alone, and another one, which must not add to the first.
        let (once, outcome) = alone(&provider);
        let (twice, _) = alone(&once);
        assert!(
            twice.hooks.len() <= once.hooks.len(),
            "one more after {path:?}"
        );
        let healed = once.active().count() == 1 && outcome.is_ok();
        assert!(!self.exact || healed, "{outcome:?} after {path:?}");
    }
}

fn alone(provider: &Provider) -> (Provider, Outcome) {
    let mut execution = Execution::start(provider, &[Job::Ensure(super::BOTH)], 0, 1);
    while let Some(step) = execution.steps().pop() {
        execution.step(step);
    }
    let after = execution.world().provider.clone();
    (after, execution.last.unwrap().1)
}

impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} schedules, {} states, no violation",
            self.schedules, self.states
        )
    }
}
