//! A webhook's whole story on one machine, over real sockets.
//!
//! A simulated provider starts, a receiver on axum starts, the receiver is
//! registered through the management API, jobs end, their signed deliveries reach
//! the handler, a replay is recognised, and forgeries are rejected.
//!
//! Prints a table of the requests, the answers, and the events that reached the
//! handler. Exits with an error if a row differs from what is expected.

mod receiver;
mod scenes;
mod socket;
mod table;

use std::process::ExitCode;

use nano_webhook_axum::Secret;
use nano_webhook_client::{Auth, Client, EventType, NewWebhook};
use nano_webhook_simulator::Simulator;

use receiver::Receiver;
use table::Table;

const NEXT: &str = "
What to look at next:
  examples/quickstart/src/receiver.rs  this receiver: a layer and a handler
  examples/axum-receiver               a service with axum, ready to deploy
  examples/actix-receiver              the same with actix-web
  cargo run -p nano-webhook-cli        the command: listen, send, verify, simulate";

type BoxError = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("quickstart could not run: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<bool, BoxError> {
    // The provider signs with the secret, the receiver verifies with it.
    let secret = random_secret()?;
    let receiver = Receiver::start(Secret::new(secret.clone())?).await?;
    say(&format!("The receiver listens on  {}", receiver.url()));
    let simulator = Simulator::builder().start("127.0.0.1:0").await?;
    let base_url = simulator.base_url();
    say(&format!("The provider, simulated, on  {base_url}"));

    let client = Client::new(base_url, Auth::bearer(Secret::new("any key will do here")?))?;
    let webhook = NewWebhook::new(
        receiver.url(),
        EventType::DOCUMENTED,
        Secret::new(secret.clone())?,
    );
    let ensured = client.ensure(&webhook).await?;
    say(&format!(
        "Registered as webhook {} for {}\n",
        ensured.webhook.id,
        EventType::DOCUMENTED
            .map(|event| event.to_string())
            .join(" and ")
    ));

    let mut table = Table::new(["what was sent", "answer", "what the handler saw"]);
    scenes::provider(&mut table, &simulator, &receiver).await?;
    scenes::strangers(&mut table, &secret, &receiver).await?;
    say(&table.to_string());
    say(&table.verdict());
    say(NEXT);
    simulator.shutdown().await;
    Ok(table.all_as_expected())
}

/// 256 random bits as hex.
fn random_secret() -> Result<String, BoxError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn say(text: &str) {
    use std::io::Write as _;
    // A reader that went away needs no table.
    let _ = writeln!(std::io::stdout(), "{text}");
}
