//! What was measured, as a table and as JSON.

use std::fs::File;
use std::io;

use serde::Serialize;

use crate::floor;
use crate::rounds::Case;

#[derive(Default, Serialize)]
pub(crate) struct Report {
    results: Vec<Measured>,
}

#[derive(Serialize)]
struct Measured {
    group: &'static str,
    name: &'static str,
    nanos: f64,
    floors: f64,
}

impl Report {
    /// Adds a group of which the first case is the floor.
    pub(crate) fn add(&mut self, group: &'static str, cases: &[Case]) {
        let floor = cases.first().map_or(f64::NAN, Case::nanos);
        println!("\n{group}\n{:>12} {:>8}", "ns", "floors");
        for case in cases {
            debug_assert!(case.group == group);
            let nanos = case.nanos();
            let floors = nanos / floor;
            println!("{nanos:>12.0} {floors:>8.2}  {}", case.name);
            self.results.push(Measured {
                group,
                name: case.name,
                nanos,
                floors,
            });
        }
        debug_assert!(cases.first().is_some_and(|case| case.name == floor::NAME));
    }

    pub(crate) fn write(&self, file: &str) -> io::Result<()> {
        serde_json::to_writer_pretty(File::create(file)?, self)?;
        Ok(())
    }
}
