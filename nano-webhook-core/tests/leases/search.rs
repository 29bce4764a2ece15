use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use nano_webhook_core::Delivery;

use crate::delivery;
use crate::model::Broken;
use crate::processes::{LEASE, Processes};
use crate::world::{End, Point};

/// What the search decides.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    /// One more request with the delivery.
    Deliver,
    /// A call of the store takes effect.
    Apply(usize),
    End(usize, End),
    Die(usize),
    /// The store's clock jumps, or nothing happens for a while.
    Jump(i32),
}

/// Every schedule of requests with one delivery.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search {
    pub(crate) requests: usize,
    /// Deaths, answers that are lost or never sent, clock jumps.
    pub(crate) faults: usize,
    /// How often timers fire while handlers run.
    pub(crate) ticks: usize,
    pub(crate) broken: Option<Broken>,
}

struct Run {
    left: Search,
    processes: Processes,
    delivery: Delivery,
}

impl Search {
    /// The numbers of schedules and states.
    pub(crate) fn run(self) -> Result<(usize, usize), String> {
        let delivery = delivery("task");
        let (mut schedules, mut states) = (0, HashSet::new());
        let mut prefixes = vec![vec![]];
        while let Some(mut path) = prefixes.pop() {
            schedules += 1;
            let mut run = Run::new(self, &delivery);
            for step in &path {
                run.step(*step);
            }
            loop {
                let violated = |rule| Err(format!("{rule}: {path:?}"));
                if let Some(rule) = run.violation() {
                    return violated(rule);
                }
                if !states.insert(run.state()) {
                    break;
                }
                let steps = run.steps();
                if run.is_over() {
                    if let Some(rule) = run.end() {
                        return violated(rule);
                    }
                    // That was the end of this run; others begin where it ended.
                    prefixes.extend(steps.into_iter().map(|step| [&path[..], &[step]].concat()));
                    break;
                }
                let (first, others) = steps.split_first().expect("it can go on");
                prefixes.extend(others.iter().map(|step| [&path[..], &[*step]].concat()));
                path.push(*first);
                run.step(*first);
            }
        }
        Ok((schedules, states.len()))
    }
}

impl Run {
    fn new(search: Search, delivery: &Delivery) -> Self {
        Self {
            left: search,
            processes: Processes::new(|dedupe| dedupe, search.broken),
            delivery: delivery.clone(),
        }
    }

    fn steps(&self) -> Vec<Step> {
        let world = self.processes.world.lock();
        let mut steps = Vec::new();
        let faults = self.left.faults > 0;
        for (number, wait) in &world.waits {
            let running = world.workers[wait.worker].succeeded.is_none();
            match &wait.call {
                Some(call) => {
                    if call.reply.is_none() {
                        steps.push(Step::Apply(*number));
                    } else if wait.open {
                        steps.push(Step::End(*number, End::Ok));
                    }
                    if wait.open && faults {
                        steps.push(Step::End(*number, End::Failed));
                    }
                }
                None if wait.at == Point::Timer && running && self.left.ticks == 0 => {}
                None => steps.push(Step::End(*number, End::Ok)),
            }
            if wait.at == Point::Handler {
                steps.push(Step::End(*number, End::Failed));
            }
        }
        if self.left.requests > 0 {
            steps.push(Step::Deliver);
        }
        if faults {
            for (worker, seen) in world.workers.iter().enumerate() {
                if seen.ended.is_none() {
                    steps.push(Step::Die(worker));
                }
            }
            if !world.store.records.is_empty()
                && !world.workers.iter().all(|worker| worker.ended.is_some())
            {
                steps.extend([1, -1, 21].map(Step::Jump));
            }
        }
        steps
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Deliver => {
                self.left.requests -= 1;
                let worker = self.processes.deliver(&self.delivery);
                self.processes.poll(worker);
            }
            Step::Apply(wait) => self.processes.world.lock().apply(wait),
            Step::End(number, end) => {
                let world = self.processes.world.lock();
                let wait = &world.waits[&number];
                let running = world.workers[wait.worker].succeeded.is_none();
                self.left.ticks -= usize::from(wait.at == Point::Timer && running);
                self.left.faults -= usize::from(wait.call.is_some() && end == End::Failed);
                drop(world);
                self.processes.end(number, end);
            }
            Step::Die(worker) => {
                self.left.faults -= 1;
                self.processes.cut(worker);
            }
            Step::Jump(leases) => {
                self.left.faults -= 1;
                let by = LEASE * leases.unsigned_abs();
                let back = leases < 0;
                (self.processes).jump(|now| if back { now - by } else { now + by });
            }
        }
    }

    fn is_over(&self) -> bool {
        let world = self.processes.world.lock();
        self.left.requests == 0 && world.workers.iter().all(|worker| worker.ended.is_some())
    }

    fn violation(&self) -> Option<String> {
        let world = &mut *self.processes.world.lock();
        world.rules.exclusive(&world.workers);
        world.rules.violation.take()
    }

    /// From here on nothing fails: the next delivery is handled, or was.
    fn end(&mut self) -> Option<String> {
        if self.processes.dedupe.in_flight() != 0 {
            return Some("nothing is in flight".to_owned());
        }
        match self.processes.next(&self.delivery) {
            Ok(_) => self.violation(),
            Err(rule) => Some(rule),
        }
    }

    fn state(&self) -> u64 {
        let world = self.processes.world.lock();
        let mut hasher = DefaultHasher::new();
        let left = (self.left.requests, self.left.faults, self.left.ticks);
        (left, &world.store, &world.rules.seen).hash(&mut hasher);
        for worker in &world.workers {
            let lost = worker.lease.as_ref().map(|lease| lease.is_lost());
            (lost, worker.succeeded, worker.ended.is_some()).hash(&mut hasher);
        }
        for wait in world.waits.values() {
            let reply = wait.call.as_ref().map(|call| format!("{:?}", call.reply));
            (wait.worker, wait.at, wait.open, reply).hash(&mut hasher);
        }
        hasher.finish()
    }
}
