use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use nano_webhook_core::Delivery;

use crate::processes::{LEASE, Processes};
use crate::world::{End, Point};

#[derive(Clone, Copy, Debug)]
enum Step {
    /// One more request with the delivery.
    Deliver,
    /// A call of the store takes effect, in time or late.
    Apply(usize),
    End(usize, End),
    Die(usize),
    /// By so many leases, the store's clock jumps or nothing happens.
    Jump(i32),
}

/// What is still to come in a schedule.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) struct Search {
    pub(crate) requests: usize,
    /// Deaths, answers that are lost, clock jumps.
    pub(crate) faults: usize,
    /// How often timers fire while handlers run.
    pub(crate) ticks: usize,
}

struct Run<'a> {
    left: Search,
    processes: Processes,
    delivery: &'a Delivery,
}

impl Search {
    /// Runs every schedule, but none from a state that was seen. Returns how many
    /// schedules and states.
    pub(crate) fn run(self) -> Result<(usize, usize), String> {
        let delivery = &crate::delivery("task");
        let (mut schedules, mut states) = (0, HashSet::new());
        let mut prefixes = vec![vec![]];
        while let Some(mut path) = prefixes.pop() {
            schedules += 1;
            let mut run = Run {
                left: self,
                processes: Processes::new(|dedupe| dedupe),
                delivery,
            };
            path.iter().for_each(|step| run.step(*step));
            loop {
                if let Some(rule) = run.violation() {
                    return Err(format!("{rule}: {path:?}"));
                }
                if !states.insert(run.state()) {
                    break;
                }
                let mut steps = run.steps();
                let over = run.is_over();
                let next = if over { None } else { steps.pop() };
                prefixes.extend(steps.into_iter().map(|step| [&path[..], &[step]].concat()));
                match next {
                    Some(step) => {
                        path.push(step);
                        run.step(step);
                    }
                    None if over => {
                        run.end().map_err(|rule| format!("{rule}: {path:?}"))?;
                        break;
                    }
                    None => return Err(format!("a wait ends: {path:?}")),
                }
            }
        }
        Ok((schedules, states.len()))
    }
}

impl Run<'_> {
    fn steps(&self) -> Vec<Step> {
        let world = self.processes.world.lock();
        let (mut steps, faults) = (Vec::new(), self.left.faults > 0 && !world.is_idle());
        if faults {
            let workers = world.workers.iter().enumerate();
            let alive = workers.filter(|(_, worker)| worker.ended.is_none());
            steps.extend(alive.map(|(number, _)| Step::Die(number)));
            steps.extend([1, -1, 21].map(Step::Jump));
        }
        for (number, wait) in &world.waits {
            let fails = wait.at == Point::Handler || wait.call.is_some() && faults;
            if wait.open && fails {
                steps.push(Step::End(*number, End::Failed));
            }
            if wait.is_unanswered() {
                steps.push(Step::Apply(*number));
            } else if self.left.ticks > 0 || !world.is_tick(wait) {
                steps.push(Step::End(*number, End::Ok));
            }
        }
        steps.extend((self.left.requests > 0).then_some(Step::Deliver));
        steps
    }

    fn step(&mut self, step: Step) {
        let (left, processes) = (&mut self.left, &mut self.processes);
        match step {
            Step::Deliver => {
                left.requests -= 1;
                let worker = processes.deliver(self.delivery);
                processes.poll(worker);
            }
            Step::Apply(wait) => processes.world.lock().apply(wait),
            Step::End(number, end) => {
                let world = processes.world.lock();
                let wait = &world.waits[&number];
                left.ticks -= usize::from(world.is_tick(wait));
                left.faults -= usize::from(wait.call.is_some() && end == End::Failed);
                drop(world);
                processes.end(number, end);
            }
            Step::Die(worker) => {
                left.faults -= 1;
                processes.cut(worker);
            }
            Step::Jump(leases) => {
                left.faults -= 1;
                let by = LEASE * leases.unsigned_abs();
                processes.jump(|now| if leases < 0 { now - by } else { now + by });
            }
        }
    }

    fn is_over(&self) -> bool {
        self.left.requests == 0 && self.processes.world.lock().is_idle()
    }

    fn violation(&self) -> Option<String> {
        let world = &mut *self.processes.world.lock();
        world.rules.exclusive(&world.workers);
        world.rules.violation.take()
    }

    /// From here on nothing fails.
    fn end(&mut self) -> Result<(), String> {
        if self.processes.dedupe.in_flight() != 0 {
            return Err("nothing is in flight".to_owned());
        }
        self.processes.next(self.delivery)?;
        self.violation().map_or(Ok(()), Err)
    }

    /// What the store has said tells what it keeps.
    fn state(&self) -> u64 {
        let world = self.processes.world.lock();
        let mut hasher = DefaultHasher::new();
        (self.left, world.store.clock.elapsed(), &world.rules.seen).hash(&mut hasher);
        for worker in &world.workers {
            let lost = worker.lease.as_ref().map(|lease| lease.is_lost());
            (lost, worker.succeeded, worker.ended.is_some()).hash(&mut hasher);
        }
        for wait in world.waits.values() {
            let reply = wait.reply.map(|reply| format!("{reply:?}"));
            (wait.worker, wait.at, wait.open, reply).hash(&mut hasher);
        }
        hasher.finish()
    }
}
