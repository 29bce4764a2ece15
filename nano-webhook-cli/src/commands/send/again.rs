use bytes::Bytes;
use clap::{Args as _, Command, FromArgMatches as _};
use http::header::HeaderMap;
use nano_webhook_core::{Secret, Signer};

use super::Args;
use super::delivery::{Prepared, Recipe, Signing};
use crate::event_name::EventName;
use crate::exit::Failure;
use crate::headers::{HeaderList, to_map};

/// A delivery that another command sends.
pub(crate) enum Again {
    /// A new event, signed now.
    Event(EventName),
    /// This body, signed now.
    Signed(Bytes),
    /// This body, with these headers and no new signature.
    AsGiven(HeaderList, Bytes),
}

/// Headers and body, made as `send` makes them without further options.
pub(crate) fn prepare(delivery: Again, secret: &Secret) -> Result<(HeaderMap, Bytes), Failure> {
    let matches = Args::augment_args(Command::new("send"))
        .try_get_matches_from(["send", "http://localhost/"])
        .and_then(|matches| Args::from_arg_matches(&matches));
    let args = matches.map_err(|error| Failure::usage(error.to_string()))?;
    let sign = || Signing::Sign(Signer::new(secret.clone()));
    let (event, body, signing) = match delivery {
        Again::Event(name) => (name, None, sign()),
        Again::Signed(body) => (args.event, Some(body), sign()),
        Again::AsGiven(headers, body) => {
            let headers = to_map(&headers)?;
            (args.event, Some(body), Signing::AsStored(headers))
        }
    };
    let recipe = Recipe {
        event,
        content: args.content,
        body,
        signing,
        signature: args.signature,
    };
    let Prepared { headers, body } = recipe.prepare()?;
    Ok((headers, body))
}
