//! Measuring many things in turns: a noisy moment then hits all of them.

use std::hint::black_box;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// How long one turn of a case takes, so that it is much shorter than what the
/// scheduler gives a thread at once.
const TURN: Duration = Duration::from_micros(400);

/// Something that is measured.
pub(crate) struct Case {
    pub(crate) group: &'static str,
    pub(crate) name: &'static str,
    run: Box<dyn FnMut(u64) -> Duration>,
    iterations: u64,
    /// Nanoseconds of one iteration, one value for each round.
    nanos: Vec<f64>,
}

impl Case {
    /// A case that is timed from outside.
    pub(crate) fn new<T>(
        group: &'static str,
        name: &'static str,
        mut work: impl FnMut() -> T + 'static,
    ) -> Self {
        Self::timed(group, name, move |iterations| {
            let start = processor_time();
            for _ in 0..iterations {
                black_box(work());
            }
            processor_time().saturating_sub(start)
        })
    }

    /// A case that says by itself how long that many iterations took.
    pub(crate) fn timed(
        group: &'static str,
        name: &'static str,
        run: impl FnMut(u64) -> Duration + 'static,
    ) -> Self {
        Self {
            group,
            name,
            run: Box::new(run),
            iterations: 1,
            nanos: Vec::new(),
        }
    }

    fn calibrate(&mut self) {
        while (self.run)(self.iterations) < TURN && self.iterations < 1 << 24 {
            self.iterations *= 2;
        }
    }

    fn turn(&mut self) {
        let took = (self.run)(self.iterations);
        self.nanos
            .push(took.as_nanos() as f64 / self.iterations as f64);
    }

    /// The lower quartile of all rounds, in nanoseconds.
    pub(crate) fn nanos(&self) -> f64 {
        let mut sorted = self.nanos.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 4]
    }
}

/// Every round gives every case one turn, each time from another one on.
pub(crate) fn measure(cases: &mut [Case], rounds: usize) {
    cases.iter_mut().for_each(Case::calibrate);
    for round in 0..rounds {
        let (later, sooner) = cases.split_at_mut(round % cases.len().max(1));
        sooner.iter_mut().chain(later).for_each(Case::turn);
    }
}

/// The time that this thread has had a processor: what other processes do in
/// between is not in it.
pub(crate) fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
