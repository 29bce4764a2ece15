//! README's first command, as a process.
#![allow(clippy::unwrap_used)]

#[test]
fn it_runs_to_its_end() {
    let quickstart = env!("CARGO_BIN_EXE_quickstart");
    let output = std::process::Command::new(quickstart).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}
