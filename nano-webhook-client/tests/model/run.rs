use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use nano_webhook_core::Secret;
use tokio::sync::oneshot;

use super::provider::{Events, Provider, URL};
use crate::auth::Auth;
use crate::client::{Client, Shared};
use crate::ensure::Change;
use crate::error::{Error, ErrorKind};
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

/// What a run waits for: an answer, or time.
struct Pending {
    request: Option<Request>,
    wake: oneshot::Sender<Result<Answer, Error>>,
}

/// The transport of one run.
#[derive(Clone, Default)]
struct Port(Arc<Mutex<Option<Pending>>>);

impl Port {
    fn wait(&self, request: Option<Request>) -> BoxFuture<'_, Result<Answer, Error>> {
        let (wake, woken) = oneshot::channel();
        *self.0.lock().unwrap() = Some(Pending { request, wake });
        Box::pin(async { woken.await.unwrap() })
    }
}

impl Transport for Port {
    fn exchange(&self, request: Request) -> BoxFuture<'_, Result<Answer, Error>> {
        self.wait(Some(request))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if duration >= LIST_DELAY / 4 {
                drop(self.wait(None).await);
            }
        })
    }
}

/// A provider with one client, whose calls are served at once.
pub(crate) struct Alone {
    pub(crate) provider: Provider,
    port: Port,
}

impl Alone {
    pub(crate) fn new(provider: Provider) -> (Client, Self) {
        let port = Port::default();
        (client(port.clone(), 1), Self { provider, port })
    }

    pub(crate) fn run<T>(&mut self, call: impl Future<Output = T>) -> T {
        let (mut call, mut context) = (pin!(call), Context::from_waker(Waker::noop()));
        loop {
            if let Poll::Ready(outcome) = call.as_mut().poll(&mut context) {
                return outcome;
            }
            let pending = self.port.0.lock().unwrap().take().unwrap();
            let stale = self.provider.lags;
            let answer = self.provider.serve(pending.request.as_ref(), stale);
            pending.wake.send(Ok(answer)).unwrap();
        }
    }
}

pub(crate) struct Run {
    port: Port,
    future: Option<BoxFuture<'static, Outcome>>,
    pub(crate) events: Events,
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
            let (Job::Ensure(events) | Job::Rotate(events)) = *job;
            let secret = format!("the-secret-of-run-{position}");
            let port = Port::default();
            let client = client(port.clone(), attempts);
            let future = perform(client, *job, wanted(events, &secret));
            Run {
                port,
                future: Some(Box::pin(future)),
                events,
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
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(outcome) = future.as_mut().poll(&mut context) {
            self.runs[run].future = None;
            self.armed |= outcome.is_ok();
            self.last = Some((run, outcome));
        }
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        use Fate::{AnswerLost, RequestLost, Served, ServedStale};
        let mut steps = Vec::new();
        for (position, run) in self.runs.iter().enumerate() {
            let pending = run.port.0.lock().unwrap();
            let Some(Pending { request, .. }) = &*pending else {
                continue;
            };
            let is_list = request.as_ref().map(|request| request.method() == "GET");
            let fates: &[Fate] = match (self.faults, is_list) {
                (0, Some(true)) if self.provider.lags => &[Served, ServedStale],
                (0, _) | (_, None) => &[Served],
                (_, Some(true)) => &[Served, AnswerLost],
                (_, Some(false)) => &[Served, AnswerLost, RequestLost],
            };
            steps.extend(fates.iter().map(|fate| (position, *fate)));
        }
        steps
    }

    pub(crate) fn step(&mut self, (position, fate): Step) {
        let run = &mut self.runs[position];
        fate.hash(&mut run.history);
        let pending = run.port.0.lock().unwrap().take().unwrap();
        let (request, stale) = (pending.request.as_ref(), fate == Fate::ServedStale);
        let answer = (fate != Fate::RequestLost)
            .then(|| self.provider.serve(request, stale))
            .filter(|_| fate != Fate::AnswerLost)
            .ok_or_else(|| Error::new(ErrorKind::Interrupted, ""));
        match &answer {
            Ok(answer) => answer.body().hash(&mut run.history),
            Err(_) => self.faults -= 1,
        }
        pending.wake.send(answer).unwrap();
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

fn client(port: Port, attempts: u32) -> Client {
    Client(Arc::new(Shared {
        transport: Box::new(port),
        base_url: BaseUrl::parse("http://localhost", false).unwrap(),
        auth: Auth::none(),
        retry: RetryPolicy::default().max_attempts(attempts),
        list_delay: LIST_DELAY,
    }))
}

pub(crate) fn wanted(events: Events, secret: &str) -> NewWebhook {
    NewWebhook::new(URL, events.iter().copied(), Secret::new(secret).unwrap())
}

pub(crate) async fn perform(client: Client, job: Job, wanted: NewWebhook) -> Outcome {
    let outcome = match job {
        Job::Ensure(_) => {
            let ensured = client.ensure(&wanted).await;
            ensured.map(|ensured| ensured.change != Change::Unchanged)
        }
        Job::Rotate(_) => match client.rotate(&wanted).await {
            Ok(rotation) => rotation.finish().await.map(|_| true),
            Err(error) => Err(error),
        },
    };
    outcome.map_err(|error| error.kind())
}
