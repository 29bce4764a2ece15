//! `nano-webhook`: the command-line tool that accompanies the library. See
//! the README, or `nano-webhook --help`.
#![forbid(unsafe_code)]

mod cli;
mod commands;
mod exit;
mod headers;
mod http;
mod output;
mod secrets;
mod shutdown;
mod text;

use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::EnvFilter;

use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::output::Output;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let color = match cli.color {
        clap::ColorChoice::Auto => anstream::ColorChoice::Auto,
        clap::ColorChoice::Always => anstream::ColorChoice::Always,
        clap::ColorChoice::Never => anstream::ColorChoice::Never,
    };
    color.write_global();
    log(cli.verbose);
    let output = Output::new(cli.json);
    let exit = start(cli, &output).unwrap_or_else(|failure| {
        output.fail(&failure);
        failure.exit
    });
    ExitCode::from(exit as u8)
}

fn start(cli: Cli, output: &Output) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let result = runtime.block_on(cli.command.run(output));
    // What still runs has had its time; it must not keep the process alive.
    runtime.shutdown_background();
    result
}

/// Logs are the library's view of things. They are off unless asked for: each
/// command says what matters by itself.
fn log(verbose: bool) {
    let asked = std::env::var_os("RUST_LOG").is_some();
    if !verbose && !asked {
        return;
    }
    let filter = match asked {
        true => EnvFilter::from_default_env(),
        false => EnvFilter::new("info"),
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(anstream::stderr)
        .init();
}
