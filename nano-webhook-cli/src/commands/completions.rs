use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::output::Output;

/// Print a completion script for a shell
///
/// bash:  nano-webhook completions bash > ~/.local/share/bash-completion/completions/nano-webhook
/// zsh:   nano-webhook completions zsh > ~/.zfunc/_nano-webhook
/// fish:  nano-webhook completions fish > ~/.config/fish/completions/nano-webhook.fish
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// For which shell
    shell: Shell,
}

pub(crate) fn run(args: &Args, output: &Output) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "nano-webhook", &mut script);
    output.bytes(&script)?;
    Ok(Exit::Success)
}
