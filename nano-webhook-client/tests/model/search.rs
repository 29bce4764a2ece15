use std::collections::HashSet;

use serde_json::json;

use super::BOTH;
use super::provider::{Hook, Provider};
use super::run::{Alone, Execution, Job, Outcome, Step, perform, wanted};

/// A depth-first search over all schedules. States that were met before are not
/// searched again.
pub(crate) struct Search<'a> {
    start: &'a dyn Fn() -> Execution,
    /// Whether the last success leaves exactly one webhook, its own.
    exact: bool,
    path: Vec<Step>,
    seen: HashSet<u64>,
    ended: HashSet<Vec<Hook>>,
}

impl Search<'_> {
    pub(crate) fn run(exact: bool, provider: &Provider, jobs: &[Job], faults: u32, attempts: u32) {
        let start = || Execution::start(provider, jobs, faults, attempts);
        let mut search = Search {
            start: &start,
            exact,
            path: Vec::new(),
            seen: HashSet::new(),
            ended: HashSet::new(),
        };
        search.visit(start());
    }

    fn visit(&mut self, execution: Execution) {
        if !self.seen.insert(execution.key()) {
            return;
        }
        let gap = execution.armed && execution.provider.active().count() == 0;
        assert!(!gap, "no webhook after {:?}", self.path);
        let steps = execution.steps();
        if steps.is_empty() {
            self.end(&execution);
        }
        let mut here = Some(execution);
        for step in steps {
            // Futures cannot be copied, so the others begin from the start.
            let mut next = here.take().unwrap_or_else(|| {
                let mut again = (self.start)();
                self.path.iter().for_each(|step| again.step(*step));
                again
            });
            next.step(step);
            self.path.push(step);
            self.visit(next);
            self.path.pop();
        }
    }

    fn end(&mut self, execution: &Execution) {
        let path = &self.path;
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
        if !self.ended.insert(execution.provider.hooks.clone()) {
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
    let (client, mut account) = Alone::new(provider.clone());
    let (job, wanted) = (Job::Ensure(BOTH), wanted(BOTH, "another secret"));
    let outcome = account.run(perform(client, job, wanted));
    (account.provider, outcome)
}
