use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::json;

use super::provider::Provider;
use super::run::{Execution, Job, Outcome, Step};

/// A depth-first search over all schedules. States that were met before are not
/// searched again, only counted.
#[derive(Default)]
pub(crate) struct Search {
    /// Whether the last success leaves exactly one webhook, its own.
    exact: bool,
    schedules: u128,
    states: usize,
    ended: HashSet<u64>,
    seen: HashMap<u64, u128>,
}

impl Search {
    pub(crate) fn new(exact: bool) -> Self {
        let new = Self::default();
        Self { exact, ..new }
    }

    pub(crate) fn run(&mut self, provider: &Provider, jobs: &[Job], faults: u32, attempts: u32) {
        let start = || Execution::start(provider, jobs, faults, attempts);
        self.schedules += self.visit(&start, start(), &mut Vec::new());
        self.states += self.seen.len();
        self.seen.clear();
        self.ended.clear();
    }

    fn visit(
        &mut self,
        start: &dyn Fn() -> Execution,
        execution: Execution,
        path: &mut Vec<Step>,
    ) -> u128 {
        let key = execution.key();
        if let Some(schedules) = self.seen.get(&key) {
            return *schedules;
        }
        let gap = execution.armed && execution.provider.active().count() == 0;
        assert!(!gap, "no webhook after {path:?}");
        let steps = execution.steps();
        let mut schedules = u128::from(steps.is_empty());
        if steps.is_empty() {
            self.end(&execution, path);
        }
        let mut here = Some(execution);
        for step in steps {
            // Futures cannot be copied, so the others begin from the start.
            let mut next = here.take().unwrap_or_else(|| {
                let mut again = start();
                path.iter().for_each(|step| again.step(*step));
                again
            });
            next.step(step);
            path.push(step);
            schedules += self.visit(start, next, path);
            path.pop();
        }
        self.seen.insert(key, schedules);
        schedules
    }

    fn end(&mut self, execution: &Execution, path: &[Step]) {
        let active: Vec<_> = execution.provider.active().collect();
        if let (true, Some((run, Ok(created)))) = (self.exact, &execution.last) {
            let run = &execution.runs[*run];
            let [hook] = active[..] else {
                panic!("{} webhooks after {path:?}", active.len());
            };
            let events = hook.shown["events"] == json!(run.events);
            assert!(events, "other events after {path:?}");
            let own = !created || hook.secret == run.secret;
            assert!(own, "another secret after {path:?}");
        }
        let mut hasher = DefaultHasher::new();
        execution.provider.hooks.hash(&mut hasher);
        if !self.ended.insert(hasher.finish()) {
            return;
        }
        // One more run, alone, and another one, which must not add to the first.
        let (once, outcome) = alone(&execution.provider);
        let (twice, _) = alone(&once);
        let adds = twice.hooks.len() > once.hooks.len();
        assert!(!adds, "one more after {path:?}");
        let healed = once.active().count() == 1 && outcome.is_ok();
        assert!(!self.exact || healed, "{outcome:?} after {path:?}");
    }
}

fn alone(provider: &Provider) -> (Provider, Outcome) {
    let mut execution = Execution::start(provider, &[Job::Ensure(super::BOTH)], 0, 1);
    while let Some(step) = execution.steps().pop() {
        execution.step(step);
    }
    (execution.provider, execution.last.unwrap().1)
}

impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} schedules, {} states", self.schedules, self.states)
    }
}
