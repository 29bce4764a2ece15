use std::env;

/// A number from the environment, or the default.
#[must_use]
pub fn number(variable: &str, default: usize) -> usize {
    parse(variable).unwrap_or(default as u64) as usize
}

/// `NANO_WEBHOOK_SEED`, or a random seed. It is printed, so that a run can be repeated.
#[must_use]
#[expect(clippy::print_stdout, reason = "captured unless the test fails")]
pub fn seed() -> u64 {
    let seed = parse("NANO_WEBHOOK_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("NANO_WEBHOOK_SEED={seed}");
    seed
}

fn parse(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{variable} is not a number: {text:?}")))
}
