//! Walks core's paths one after the other and prints the name of each. Callgrind
//! counts the instructions of every call of `walk_measured`, all but those of the
//! hash's compression function: `scripts/instructions`.

mod paths;
mod services;

use std::hint::black_box;

use paths::{Path, paths};
use services::services;

fn main() {
    for path in paths().into_iter().chain(services()) {
        // The first walk pays for what is done once.
        for name in ["warm-up", path.name] {
            let outcome = walk_measured(&path);
            println!("{name}");
            assert_eq!(outcome, path.outcome, "{name}");
        }
    }
}

/// Callgrind finds this function by its name.
#[inline(never)]
fn walk_measured(path: &Path) -> &'static str {
    black_box((path.walk)())
}
