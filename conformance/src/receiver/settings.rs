//! Settings from the environment, and what two receivers or two runs share.

use std::time::Duration;

use nano_webhook_core::UnixTime;
use nano_webhook_test_kit::{RedisServer, SignedRequest};

use super::example::{Example, SECRET, failed, failed_line};
use crate::table::Check;

const PREVIOUS: &str = "the secret before that one";

pub(super) async fn duplicates(program: &str) -> Check {
    let mut receiver = Example::start(program, &[]).await?;
    for _ in 0..2 {
        receiver.gets(&failed("twice"), 200).await?;
    }
    receiver.prints(&failed_line("twice")).await?;
    receiver.prints_nothing_more().await
}

/// Rejected by default, accepted with the setting, or the other way round.
async fn setting(
    program: &str,
    setting: (&str, &str),
    request: &SignedRequest,
    [default, set]: [u16; 2],
) -> Check {
    let receiver = Example::start(program, &[]).await?;
    receiver.answers(request, default).await?;
    let receiver = Example::start(program, &[setting]).await?;
    receiver.answers(request, set).await
}

pub(super) async fn previous_secret(program: &str) -> Check {
    let request = SignedRequest::signed_now(PREVIOUS, failed("rotated"));
    let variable = ("NANO_WEBHOOK_PREVIOUS_SECRET", PREVIOUS);
    setting(program, variable, &request, [401, 200]).await
}

pub(super) async fn tolerance(program: &str) -> Check {
    let late = UnixTime::now().saturating_sub(Duration::from_secs(120));
    let request = SignedRequest::signed(SECRET, late, failed("late"));
    let variable = ("NANO_WEBHOOK_TOLERANCE", "60");
    setting(program, variable, &request, [200, 401]).await
}

pub(super) async fn reserialized(program: &str) -> Check {
    let mut request = SignedRequest::signed_now(SECRET, failed("pretty"));
    request.body = b"{\n  \"event\": \"job.failed\",\n  \"task_id\": \"pretty\"\n}\n".into();
    let variable = ("NANO_WEBHOOK_ACCEPT_RESERIALIZED", "1");
    setting(program, variable, &request, [401, 200]).await
}

/// What one has handled, the other knows.
pub(super) async fn redis(program: &str) -> Check {
    let server = RedisServer::start().await;
    let url = server.url();
    let variables = [("NANO_WEBHOOK_REDIS_URL", url.as_str())];
    let mut one = Example::start(program, &variables).await?;
    let mut other = Example::start(program, &variables).await?;
    for receiver in [&one, &other] {
        receiver.gets(&failed("shared"), 200).await?;
    }
    one.prints(&failed_line("shared")).await?;
    other.prints_nothing_more().await
}

/// What it has answered 200, it knows after SIGKILL.
pub(super) async fn killed(program: &str) -> Check {
    let file =
        std::env::temp_dir().join(format!("nano-webhook-{}.db", UnixTime::now().as_millis()));
    let url = format!("sqlite:{}", file.display());
    let variables = [("NANO_WEBHOOK_DATABASE_URL", url.as_str())];
    let mut first = Example::start(program, &variables).await?;
    first.gets(&failed("remembered"), 200).await?;
    first.prints(&failed_line("remembered")).await?;
    first.0.process.kill().await;
    let mut second = Example::start(program, &variables).await?;
    second.gets(&failed("remembered"), 200).await?;
    second.prints_nothing_more().await?;
    drop(second);
    for suffix in ["", "-shm", "-wal"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
    }
    Ok(())
}
