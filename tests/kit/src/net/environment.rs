use std::env;
use std::str::FromStr;

/// A number from the environment, or the default.
pub fn number<T: FromStr>(variable: &str, default: T) -> T {
    let Ok(text) = env::var(variable) else {
        return default;
    };
    let number = text.parse();
    number.unwrap_or_else(|_| panic!("{variable} is not a number: {text:?}"))
}

/// `NANO_WEBHOOK_SEED`, or a random seed. It is printed, so that a run can be repeated.
#[expect(clippy::print_stdout, reason = "captured unless the test fails")]
pub fn seed() -> u64 {
    let seed = number("NANO_WEBHOOK_SEED", fastrand::u64(..));
    println!("NANO_WEBHOOK_SEED={seed}");
    seed
}
