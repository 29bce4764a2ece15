use std::time::{Duration, Instant};

use bytes::Bytes;
use nano_webhook_client::{Client, EventType};
use nano_webhook_core::{Secret, Signer, UnixTime};
use serde_json::json;

use super::{Create, connection};
use crate::exit::{Exit, Failure};
use crate::headers;
use crate::http::{Target, status_text};
use crate::output::Output;
use crate::secrets::Input;

#[derive(clap::Args, Debug)]
pub(super) struct Rotate {
    #[command(flatten)]
    create: Create,

    /// Do not test whether the receivers accept the new secret: they do
    #[arg(long, help_heading = "Deployment")]
    yes_deployed: bool,

    /// How long to wait for the receivers to accept the new secret, in seconds
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 60,
        help_heading = "Deployment"
    )]
    wait: u64,
}

/// Several receivers may share the URL.
const ACCEPTED_IN_A_ROW: usize = 3;

const PAUSE: Duration = Duration::from_secs(1);

const TEST_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) async fn run(args: &Rotate, output: &Output) -> Result<(), Failure> {
    let create = &args.create;
    if create.secret.no_secret {
        return Err(Failure::usage(
            "rotate needs a secret: without one, receivers reject every delivery",
        ));
    }
    let mut input = Input::default();
    let client = create.client(&mut input, output)?;
    let events = match create.event.as_slice() {
        [] => events_at(&client, &create.url).await?,
        events => events.to_vec(),
    };
    let mut loaded = create.secret.load(&mut input, output)?;
    if let Some(secret) = loaded.secret.clone().filter(|_| !args.yes_deployed)
        && let Err(failure) = wait_until_accepted(&create.url, secret, args.wait, output).await
    {
        return Err(loaded.kept(failure, output));
    }
    let webhook = create.webhook(events, &loaded);
    let rotated = async { client.rotate(&webhook).await?.finish().await };
    let rotated = loaded.change(rotated, output).await?;
    let result = json!({ "webhook": rotated.webhook, "deleted": rotated.deleted });
    loaded.used(
        "created",
        &rotated.webhook,
        &rotated.deleted,
        result,
        output,
    )
}

/// The events of the webhooks that are replaced.
async fn events_at(client: &Client, url: &str) -> Result<Vec<EventType>, Failure> {
    let webhooks = client.active_at(url).await.map_err(connection::explain)?;
    let mut sets = webhooks.into_iter().map(|webhook| {
        let mut events = webhook.events;
        events.sort();
        events
    });
    match sets.next() {
        None => Ok(EventType::DOCUMENTED.to_vec()),
        Some(first) if sets.all(|other| other == first) => Ok(first),
        Some(_) => Err(Failure::usage(
            "the webhooks at this URL subscribe to different events: name the wanted ones with --event",
        )),
    }
}

/// Sends test deliveries, signed with the new secret, until the receivers answer 2xx.
/// Until then nothing is created: a webhook whose deliveries are rejected is of no use,
/// and the old one delivers all the time.
async fn wait_until_accepted(
    url: &str,
    secret: Secret,
    wait: u64,
    output: &Output,
) -> Result<(), Failure> {
    let target = Target::new(url, true, TEST_TIMEOUT, 0)?;
    let signer = Signer::new(secret);
    let (began, wait) = (Instant::now(), Duration::from_secs(wait));
    let mut accepted = 0;
    let mut told = String::new();
    loop {
        let body = Bytes::from(test_event());
        let headers = headers::signed(&signer, UnixTime::now(), &body)?;
        let problem = match target.post(&headers, &body).await {
            Ok(answer) if answer.status.is_success() => {
                accepted += 1;
                if accepted == ACCEPTED_IN_A_ROW {
                    return Ok(());
                }
                continue;
            }
            Ok(answer) => format!("it answers {}", status_text(answer.status.as_u16())),
            Err(failure) => failure.message,
        };
        accepted = 0;
        if began.elapsed() >= wait {
            let message = format!(
                "the receiver does not accept the new secret ({problem}), so deleting the old webhook would lose deliveries; deploy the receiver with the new secret as the current one and the old one as a previous one, then run this again with that secret (`secret generate` makes one), or give --yes-deployed if this machine cannot reach the receiver; nothing was changed"
            );
            return Err(Failure::new(Exit::No, message));
        }
        if problem != told {
            let note = "waiting for the receiver to accept the new secret";
            output.note(format_args!("{note}: {problem}"));
            told = problem;
        }
        tokio::time::sleep(PAUSE.min(wait.saturating_sub(began.elapsed()))).await;
    }
}

/// An event that no handler knows.
pub(crate) fn test_event() -> String {
    let task_id = format!("test_{:016x}", fastrand::u64(..));
    json!({ "event": "nano-webhook.test", "task_id": task_id, "data": {} }).to_string()
}
