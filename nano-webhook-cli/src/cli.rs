use std::convert::Infallible;
use std::sync::LazyLock;

use clap::{ColorChoice, Parser, Subcommand};
use nano_webhook_client::EventType;

use crate::commands::{
    completions, doctor, endpoints, listen, secret, send, simulate, trigger, verify,
};
use crate::exit::{self, Exit, Failure};
use crate::output::Output;

/// Send, verify, receive and simulate the webhooks of Nano Banana Pro.
#[derive(Parser, Debug)]
#[command(
    name = "nano-webhook",
    version = version(),
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
    pub(crate) color: ColorChoice,

    /// Write logs to standard error; RUST_LOG chooses which, and does so without
    /// this option as well
    #[arg(long, short, global = true, help_heading = "Output")]
    pub(crate) verbose: bool,
}

/// With the commit that it was built from, if that is known, and the features of the
/// library that are on.
fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let commit = option_env!("NANO_WEBHOOK_COMMIT").unwrap_or("unknown");
        let version = env!("CARGO_PKG_VERSION");
        let optional = [
            ("stores", cfg!(feature = "stores")),
            ("ui", cfg!(feature = "ui")),
        ];
        let on = optional.into_iter().filter(|(_, on)| *on);
        let names = ["reserialized", "tls"]
            .into_iter()
            .chain(on.map(|(name, _)| name));
        let features = names.collect::<Vec<_>>().join(", ");
        format!("{version} (commit {commit}, features: {features})")
    });
    &VERSION
}

/// The name of an event, with short forms for the documented ones.
pub(crate) fn event(text: &str) -> Result<EventType, Infallible> {
    Ok(match text {
        "completed" => EventType::JOB_COMPLETED,
        "failed" => EventType::JOB_FAILED,
        other => EventType::from(other),
    })
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Send(Box<send::Args>),
    Verify(verify::Args),
    Listen(Box<listen::Args>),
    Simulate(simulate::Args),
    Trigger(trigger::Args),
    Endpoints(endpoints::Args),
    Doctor(Box<doctor::Args>),
    Secret(secret::Args),
    Completions(completions::Completions),
    Man(completions::Man),
}

impl Command {
    pub(crate) async fn run(self, output: &Output) -> Result<Exit, Failure> {
        match self {
            Self::Send(args) => send::run(*args, output).await,
            Self::Verify(args) => verify::run(&args, output),
            Self::Listen(args) => listen::run(*args, output).await,
            Self::Simulate(args) => simulate::run(args, output).await,
            Self::Trigger(args) => trigger::run(args, output).await,
            Self::Endpoints(args) => endpoints::run(args, output).await,
            Self::Doctor(args) => doctor::run(*args, output).await,
            Self::Secret(args) => secret::run(args, output),
            Self::Completions(args) => completions::completions(&args, output),
            Self::Man(args) => completions::man(&args, output),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::{CommandFactory as _, Parser as _};

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    /// What the README and the help texts tell people to type.
    #[test]
    fn examples_can_be_typed() {
        let mut texts = vec![include_str!("../README.md").to_owned()];
        for command in Cli::command().get_subcommands() {
            texts.extend(command.get_after_help().map(ToString::to_string));
        }
        let mut count = 0;
        for text in texts {
            let text = text.replace("\\\n", " ");
            for line in text.lines().map(str::trim) {
                let line = line.strip_prefix("$ ").unwrap_or(line);
                if !line.starts_with("nano-webhook ") {
                    continue;
                }
                let mut words = words(line);
                // From the environment, as the examples say.
                if line.contains(" endpoints ") && !line.contains("--base-url") {
                    words.push("--base-url=https://example.com".to_owned());
                }
                let parsed = Cli::try_parse_from(words);
                // `--help` and `--version` are errors to clap.
                if let Err(error) = parsed.as_ref() {
                    assert_eq!(error.exit_code(), 0, "{line}: {error}");
                }
                count += 1;
            }
        }
        assert!(count > 20, "{count}");
    }

    /// As a shell would divide them, up to a comment, a pipe or the like.
    fn words(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut in_quotes = false;
        for character in line.chars() {
            match character {
                '\'' => in_quotes = !in_quotes,
                '#' | '|' | '>' | '&' if !in_quotes => break,
                ' ' if !in_quotes => words.push(String::new()),
                _ => words.last_mut().unwrap().push(character),
            }
        }
        words.retain(|word| !word.is_empty());
        words
    }
}
