//! Settings from the environment, and what two receivers or two runs share.

use nano_webhook_test_kit::{RedisServer, SignedRequest};

use super::example::{Example, failed, failed_line};
use crate::table::Check;

pub(super) async fn duplicates(program: &str) -> Check {
    let mut receiver = Example::start(program, &[]).await?;
    for _ in 0..2 {
        receiver.gets(&failed("twice"), 200).await?;
    }
    receiver.prints(&failed_line("twice")).await?;
    receiver.prints_nothing_more().await
}

/// Rejected by default, accepted with the setting, or the other way round.
pub(super) async fn setting(
    program: &str,
    setting: (&str, &str),
    request: SignedRequest,
    [default, set]: [u16; 2],
) -> Check {
    let receiver = Example::start(program, &[]).await?;
    receiver.answers(&request, default).await?;
    let receiver = Example::start(program, &[setting]).await?;
    receiver.answers(&request, set).await
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
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("claims.db").display());
    let variables = [("NANO_WEBHOOK_DATABASE_URL", url.as_str())];
    let mut first = Example::start(program, &variables).await?;
    first.gets(&failed("remembered"), 200).await?;
    first.prints(&failed_line("remembered")).await?;
    first.0.process.kill().await;
    let mut second = Example::start(program, &variables).await?;
    second.gets(&failed("remembered"), 200).await?;
    second.prints_nothing_more().await
}
