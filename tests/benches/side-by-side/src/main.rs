//! Ours and the peers, measured in turns in one run.
//!
//! ```text
//! side-by-side [--rounds N] [--json FILE] [GROUP…]
//! ```

#[cfg(feature = "adapters")]
mod actix_service;
#[cfg(feature = "adapters")]
mod axum_service;
mod floor;
mod node;
mod ours;
mod peers;
mod report;
mod rounds;
mod store;

use std::process::ExitCode;

use nano_webhook_bench_shared::COMPLETED;

use crate::floor::floor;
use crate::rounds::{Case, measure};

/// The groups, each measured by itself: what is compared stands in one.
const GROUPS: &[(&str, fn(&'static str) -> Vec<Case>)] = &[
    ("193 B", small),
    ("16 KiB", |group| large(group, 16 << 10)),
    ("256 KiB", |group| large(group, 256 << 10)),
    ("1 MiB", |group| large(group, 1 << 20)),
    ("events", |group| with_floor(group, ours::events(group))),
    ("rejecting, 193 B", |group| {
        with_floor(group, ours::reject(group))
    }),
    ("secrets, 193 B", |group| {
        with_floor(group, ours::secrets(group))
    }),
    ("memory store", |group| {
        with_floor(group, store::uncontended(group))
    }),
    #[cfg(feature = "adapters")]
    ("axum, 193 B", |group| {
        with_floor(group, axum_service::services(group))
    }),
    #[cfg(feature = "adapters")]
    ("actix, 193 B", |group| {
        with_floor(group, actix_service::services(group))
    }),
];

fn main() -> ExitCode {
    let mut rounds = 200;
    let mut file = None;
    let mut wanted = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => match arguments.next().and_then(|text| text.parse().ok()) {
                Some(number) => rounds = number,
                None => return usage(),
            },
            "--json" => match arguments.next() {
                Some(name) => file = Some(name),
                None => return usage(),
            },
            group if GROUPS.iter().any(|(name, _)| *name == group) => wanted.push(argument),
            _ => return usage(),
        }
    }
    let mut report = report::Report::default();
    for (group, cases) in GROUPS.iter().copied() {
        if wanted.is_empty() || wanted.iter().any(|name| name == group) {
            let mut cases = cases(group);
            measure(&mut cases, rounds);
            report.add(group, &cases);
        }
    }
    match file.map_or(Ok(()), |file| report.write(&file)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the report could not be written: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    let groups: String = (GROUPS.iter())
        .map(|(name, _)| format!("\n  '{name}'"))
        .collect();
    eprintln!("side-by-side [--rounds N] [--json FILE] [GROUP…], where a group is one of{groups}");
    ExitCode::FAILURE
}

fn small(group: &'static str) -> Vec<Case> {
    let mut cases = with_floor(group, ours::accept(group, 0));
    cases.push(peers::hmac_alone(group));
    cases.extend(peers::small(group));
    cases.push(node::documented(group));
    cases
}

fn large(group: &'static str, body_len: usize) -> Vec<Case> {
    let mut cases = vec![floor(group, body_len)];
    cases.extend(ours::accept(group, body_len));
    cases.extend(peers::large(group, body_len));
    cases
}

fn with_floor(group: &'static str, mut cases: Vec<Case>) -> Vec<Case> {
    cases.insert(0, floor(group, COMPLETED.len()));
    cases
}
