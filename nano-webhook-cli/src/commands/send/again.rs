use clap::{Args as _, Command, FromArgMatches as _};
use nano_webhook_core::{Secret, Signer};
use nano_webhook_inspector::OrderContent;

use super::Args;
use super::delivery::{Prepared, Recipe, Signing};
use crate::cli::event;
use crate::exit::Failure;
use crate::headers::to_map;

/// A delivery of the inspector's page, made as `send` makes it without further options.
pub(crate) fn prepare(content: OrderContent, secret: &Secret) -> Result<Prepared, Failure> {
    let command = Args::augment_args(Command::new("send"));
    let matches = command.try_get_matches_from(["send", "http://localhost/"])?;
    let args = Args::from_arg_matches(&matches)?;
    let mut recipe = Recipe {
        event: args.event,
        content: args.content,
        body: None,
        signing: Signing::Sign(Signer::new(secret.clone())),
        signature: args.signature,
    };
    match content {
        OrderContent::Event(name) => {
            let Ok(event) = event(&name);
            recipe.event = event;
        }
        OrderContent::Signed(body) => recipe.body = Some(body),
        OrderContent::AsGiven { headers, body } => {
            recipe.body = Some(body);
            recipe.signing = Signing::AsStored(to_map(&headers)?);
        }
        other => return Err(Failure::usage(format!("{other:?} cannot be sent"))),
    }
    recipe.prepare()
}
