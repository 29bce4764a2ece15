use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::execution::{Execution, Job, Outcome, Step};
use super::provider::Provider;

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
