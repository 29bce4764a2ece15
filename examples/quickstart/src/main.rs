//! The whole story of a webhook on one machine, over real sockets:
//!
//! a provider (simulated) starts, a receiver on axum starts, the receiver is
//! registered through the management API, jobs end, their signed deliveries reach
//! the handler, a replay is recognised, and forgeries are refused.
//!
//! Prints a table of what was sent, what came back, and what the handler saw, and
//! exits with an error if anything differs from what it should be.

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
    // The two know one secret: the provider signs with it, the receiver checks.
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
