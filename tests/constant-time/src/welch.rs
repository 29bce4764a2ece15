//! Welch's t-test over times, of which the slowest are noise.

/// The times of one class.
#[derive(Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// Adds one.
    pub fn push(&mut self, time: f64) {
        self.0.push(time);
    }

    /// Number, mean and variance of those that are not above the limit.
    fn moments(&self, limit: f64) -> (f64, f64, f64) {
        let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
        for time in self.0.iter().filter(|time| **time <= limit) {
            count += 1.0;
            let difference = time - mean;
            mean += difference / count;
            squares += difference * (time - mean);
        }
        (count, mean, squares / (count - 1.0))
    }
}

/// The t that is farthest from zero, of all times and of those below some
/// percentiles of both classes together: what interrupts a call makes it slow, and
/// hides what is looked for.
pub fn largest_t(one: Samples, other: Samples) -> f64 {
    let mut all: Vec<f64> = one.0.iter().chain(&other.0).copied().collect();
    all.sort_unstable_by(f64::total_cmp);
    let percentile = |percent: usize| all[(all.len() - 1) * percent / 100];
    [50, 75, 90, 95, 99, 100]
        .map(|percent| t(&one, &other, percentile(percent)))
        .into_iter()
        .max_by(|a, b| a.abs().total_cmp(&b.abs()))
        .unwrap_or_default()
}

fn t(one: &Samples, other: &Samples, limit: f64) -> f64 {
    let [(n1, mean1, variance1), (n2, mean2, variance2)] =
        [one, other].map(|samples| samples.moments(limit));
    (mean1 - mean2) / (variance1 / n1 + variance2 / n2).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked by hand: means 3 and 4, variances 2.5 and 2.5, five each.
    #[test]
    fn t_is_welchs() {
        let samples = |times: [f64; 5]| Samples(times.to_vec());
        let (one, other) = (
            samples([1.0, 2.0, 3.0, 4.0, 5.0]),
            samples([2.0, 3.0, 4.0, 5.0, 6.0]),
        );
        assert!((t(&one, &other, f64::MAX) + 1.0).abs() < 1e-12);
    }
}
