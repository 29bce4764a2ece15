use clap::{Parser, Subcommand, ValueEnum};

use crate::commands::{completions, endpoints, listen, send, simulate, trigger, verify};
use crate::exit;

/// Send, verify, receive and simulate the webhooks of Nano Banana Pro.
#[derive(Parser, Debug)]
#[command(
    name = "nano-webhook",
    version,
    after_help = exit::HELP,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Print results as JSON, one text a line
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) json: bool,

    /// When to use colours. `auto`: on a terminal, unless NO_COLOR is set
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Output"
    )]
    pub(crate) color: Color,

    /// Write logs to standard error; RUST_LOG chooses which, and does so without
    /// this option as well
    #[arg(long, short, global = true, help_heading = "Output")]
    pub(crate) verbose: bool,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Send(Box<send::Args>),
    Verify(verify::Args),
    Listen(Box<listen::Args>),
    Simulate(simulate::Args),
    Trigger(trigger::Args),
    Endpoints(endpoints::Args),
    Completions(completions::Args),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    pub(crate) fn apply(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
