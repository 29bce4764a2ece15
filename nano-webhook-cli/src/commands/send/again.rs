use bytes::Bytes;
use http::header::HeaderMap;
use nano_webhook_core::{Secret, Signer};

use super::content::{Content, Event};
use super::recipe::{Prepared, Recipe, Signing, Time};
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

/// Headers and body, made as `send` makes them.
pub(crate) fn prepare(delivery: Again, secret: &Secret) -> Result<(HeaderMap, Bytes), Failure> {
    let (content, stored) = match delivery {
        Again::Event(name) => (Content::Event(event(&name)), None),
        Again::Signed(body) => (Content::Body(body), None),
        Again::AsGiven(headers, body) => (Content::Body(body), Some(headers)),
    };
    let signing = match stored {
        Some(headers) => Signing::AsStored(to_map(&headers)?),
        None => Signing::Sign {
            signer: Signer::new(secret.clone()),
            time: Time::Ago {
                age: std::time::Duration::ZERO,
                millis: false,
            },
        },
    };
    let recipe = Recipe {
        content,
        signing,
        tamper: Vec::new(),
    };
    let Prepared { headers, body } = recipe.prepare()?;
    Ok((headers, body))
}

/// As `send` makes it without further options.
fn event(name: &EventName) -> Event {
    Event {
        name: name.as_str().to_owned(),
        task_id: None,
        task_type: "image".to_owned(),
        url: None,
        credits: None,
        reason: "the job failed".to_owned(),
    }
}
