pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod endpoints;
pub(crate) mod listen;
pub(crate) mod secret;
pub(crate) mod send;
pub(crate) mod simulate;
pub(crate) mod trigger;
pub(crate) mod verify;

use crate::cli::Command;
use crate::exit::{Exit, Failure};
use crate::output::Output;

pub(crate) async fn run(command: Command, output: &Output) -> Result<Exit, Failure> {
    match command {
        Command::Send(args) => send::run(*args, output).await,
        Command::Verify(args) => verify::run(&args, output),
        Command::Listen(args) => listen::run(*args, output).await,
        Command::Simulate(args) => simulate::run(args, output).await,
        Command::Trigger(args) => trigger::run(args, output).await,
        Command::Endpoints(args) => endpoints::run(args, output).await,
        Command::Doctor(args) => doctor::run(*args, output).await,
        Command::Secret(args) => secret::run(args, output),
        Command::Completions(args) => completions::completions(&args, output),
        Command::Man(args) => completions::man(&args, output),
    }
}
