use clap::{Command, CommandFactory as _, ValueEnum as _};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::cli::Cli;
use crate::exit::{Exit, Failure};
use crate::output::Output;

/// Print a completion script for a shell, or the manual page
///
/// bash:  nano-webhook completions bash > ~/.local/share/bash-completion/completions/nano-webhook
/// zsh:   nano-webhook completions zsh > ~/.zfunc/_nano-webhook
/// fish:  nano-webhook completions fish > ~/.config/fish/completions/nano-webhook.fish
/// man:   nano-webhook completions man > ~/.local/share/man/man1/nano-webhook.1
#[derive(clap::Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// For which shell, or man
    #[arg(value_parser = ["bash", "elvish", "fish", "man", "powershell", "zsh"])]
    shell: String,
}

pub(crate) fn run(args: &Args, output: &Output) -> Result<Exit, Failure> {
    let (mut text, mut command) = (Vec::new(), Cli::command());
    match Shell::from_str(&args.shell, false) {
        Ok(shell) => clap_complete::generate(shell, &mut command, "nano-webhook", &mut text),
        Err(_) => {
            command.build();
            manual(command, &mut text);
        }
    }
    output.bytes(&text)?;
    Ok(Exit::Success)
}

/// The page of a command, and then those of its subcommands.
fn manual(command: Command, text: &mut Vec<u8>) {
    let name = command.get_bin_name().unwrap_or_default().to_owned();
    let subcommands: Vec<_> = command.get_subcommands().cloned().collect();
    // Writing to memory does not fail.
    let _ = Man::new(command.display_name(name)).render(text);
    for subcommand in subcommands {
        if subcommand.get_name() != "help" {
            manual(subcommand, text);
        }
    }
}
