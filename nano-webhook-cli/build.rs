//! Tells the program which commit it is built from.
#![allow(clippy::print_stdout, reason = "how build scripts talk to cargo")]

use std::process::Command;

fn main() {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        (output.status.success() && !text.is_empty()).then(|| text.trim().to_owned())
    };
    println!("cargo::rerun-if-env-changed=GITHUB_SHA");
    println!("cargo::rerun-if-changed=build.rs");
    // It changes with each commit.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
    let commit = std::env::var("GITHUB_SHA").ok();
    if let Some(commit) = commit.or_else(|| git(&["rev-parse", "--short=12", "HEAD"])) {
        println!("cargo::rustc-env=NANO_WEBHOOK_COMMIT={commit}");
    }
}
