use clap::CommandFactory as _;
use clap_complete::Shell;
use serde_json::json;

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
pub(crate) struct Completions {
    /// For which shell
    shell: Shell,
}

/// Print the man page, or the one of a command
///
/// nano-webhook man > ~/.local/share/man/man1/nano-webhook.1
/// nano-webhook man endpoints ensure > ~/.local/share/man/man1/nano-webhook-endpoints-ensure.1
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct Man {
    /// For which command, as in `endpoints ensure`
    command: Vec<String>,
}

pub(crate) fn completions(args: &Completions, output: &Output) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "nano-webhook", &mut script);
    print("script", &script, output)
}

pub(crate) fn man(args: &Man, output: &Output) -> Result<Exit, Failure> {
    let mut command = Cli::command();
    command.build();
    for name in &args.command {
        let found = command.find_subcommand(name).cloned();
        command =
            found.ok_or_else(|| Failure::usage(format!("no command has the name {name:?}")))?;
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    print("page", &page, output)
}

fn print(name: &str, text: &[u8], output: &Output) -> Result<Exit, Failure> {
    match output.is_json() {
        true => output.json(&json!({ name: String::from_utf8_lossy(text) }))?,
        false => output.bytes(text)?,
    }
    Ok(Exit::Success)
}
