use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;

use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::secrets::Fresh;

/// Make secrets
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make a secret of 256 random bits, and print it once
    ///
    /// Nothing is registered with the provider. For a rotation: make the secret, deploy
    /// it to the receivers as the current one, with the old one as a previous one, then
    /// run `endpoints rotate --secret-file PATH`.
    Generate {
        /// Write the secret to this file, which must not exist yet, instead of printing
        /// it. Only its owner can read it
        #[arg(long, value_name = "PATH")]
        out: Option<PathBuf>,
    },
}

pub(crate) fn run(args: Args, output: &Output) -> Result<Exit, Failure> {
    let Command::Generate { out } = args.command;
    let fresh = Fresh::generate(out, "--out")?;
    match &fresh.path {
        Some(path) => output.result(&json!({ "file": path }), path.display())?,
        None if output.is_json() => output.json(&json!({ "secret_key": *fresh.text }))?,
        None => output.line(&*fresh.text)?,
    }
    if fresh.path.is_none() && output.is_closed() {
        return Err(Failure::usage(
            "standard output is closed, so the secret was not shown",
        ));
    }
    Ok(Exit::Success)
}
