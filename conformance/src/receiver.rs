//! The contract of the receiver examples, against them as processes: what they
//! take from the environment, what they print, and how they end.

mod example;
mod senders;
mod settings;
mod shutdown;

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nano_webhook_core::UnixTime;
use nano_webhook_test_kit::{SignedRequest, command, poll};

use self::example::{Example, SECRET, failed};
use self::senders::{by_node, by_openssl_and_curl, events};
use self::settings::{duplicates, killed, redis, setting};
use self::shutdown::{drained, interrupted};
use crate::answers::has_status;
use crate::table::{Check, Rows, ensure};

/// Runs an example's program through its contract.
#[rustfmt::skip]
pub async fn run_receiver_contract(program: &str) {
    const PREVIOUS: &str = "the secret before that one";
    let late = UnixTime::now().saturating_sub(Duration::from_secs(120));
    let mut pretty = SignedRequest::signed_now(SECRET, failed("pretty"));
    pretty.body = b"{\n  \"event\": \"job.failed\",\n  \"task_id\": \"pretty\"\n}\n".into();
    let mut rows = Rows::default();
    rows.push("no secret, no start", refuses_to_start(program, &[]));
    rows.push("an empty secret, no start", refuses_to_start(program, &[("NANO_WEBHOOK_SECRET", "")]));
    rows.push("a head that never ends is cut off", slow_head(program, "POST /webhook HTTP/1.1\r\nx-nano"));
    rows.push("a head that never begins is cut off", slow_head(program, ""));
    rows.push("signed by Node", by_node(program));
    rows.push("signed by openssl, sent by curl", by_openssl_and_curl(program));
    rows.push("every kind of event", events(program));
    rows.push("a duplicate is not handled", duplicates(program));
    rows.push("a previous secret", setting(program, ("NANO_WEBHOOK_PREVIOUS_SECRET", PREVIOUS), SignedRequest::signed_now(PREVIOUS, failed("rotated")), [401, 200]));
    rows.push("a narrow tolerance", setting(program, ("NANO_WEBHOOK_TOLERANCE", "60"), SignedRequest::signed(SECRET, late, failed("late")), [200, 401]));
    rows.push("re-serialised bodies", setting(program, ("NANO_WEBHOOK_ACCEPT_RESERIALIZED", "1"), pretty, [401, 200]));
    rows.push("two receivers, one Redis", redis(program));
    rows.push("killed and started again on SQLite: not handled again", killed(program));
    rows.push("a client that has closed its sending side is answered", half_closed(program));
    rows.push("a body that is rejected unread is answered", unread(program));
    rows.push("secrets are replaced while it runs, and no delivery is rejected", replaced_secrets(program));
    rows.push("Ctrl-C ends it", interrupted(program));
    rows.push("SIGTERM under load loses no delivery", drained(program));
    rows.run("the contract of the receiver examples", 18).await;
}

async fn refuses_to_start(program: &str, variables: &[(&str, &str)]) -> Check {
    let output = command(program)
        .env("NANO_WEBHOOK_ADDR", "127.0.0.1:0")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let started = output.status.success() || !output.stdout.is_empty();
    ensure(!started, "it started")?;
    // What is missing, and what it should be set to.
    ensure(errors.contains("secret_key"), errors)
}

/// A head that begins like this, and then nothing.
async fn slow_head(program: &str, beginning: &str) -> Check {
    let receiver = Example::start(program, &[("NANO_WEBHOOK_IDLE_TIMEOUT", "1")]).await?;
    let mut connection = receiver.connect().await;
    connection.send(beginning).await;
    // Some say 408 first.
    if let Ok(answer) = connection.receive().await {
        has_status(&answer, 408)?;
    }
    connection.until_closed().await
}

async fn half_closed(program: &str) -> Check {
    let receiver = Example::start(program, &[]).await?;
    for number in 0..20 {
        let request = SignedRequest::signed_now(SECRET, failed(&format!("half-{number}")));
        let mut connection = receiver.connect().await;
        connection.send(request.whole()).await;
        connection.close_sending_side().await;
        has_status(&connection.receive().await?, 200)?;
    }
    Ok(())
}

/// As a proxy does it: the whole body first, and then the answer.
async fn unread(program: &str) -> Check {
    let receiver = Example::start(program, &[]).await?;
    let request = SignedRequest::signed_now(SECRET, failed(&"x".repeat(1 << 20)));
    for _ in 0..20 {
        let mut connection = receiver.connect().await;
        // The receiver reads it for a second only, in which a loaded machine may not send it.
        connection.send(request.whole()).await;
        has_status(&connection.receive().await?, 413)?;
    }
    Ok(())
}

/// The runbook: accept the new secret as well, rotate, then drop the old one.
async fn replaced_secrets(program: &str) -> Check {
    const NEW: &str = "the secret that comes next, for the examples";
    let folder = tempfile::tempdir().unwrap();
    let [current, previous, draft] =
        ["current", "previous", "draft"].map(|name| folder.path().join(name));
    let write = |path: &Path, secret: &str| {
        fs::write(&draft, secret).unwrap();
        fs::rename(&draft, path).unwrap();
    };
    write(&current, SECRET);
    let [file, previous_file] = [&current, &previous].map(|path| path.to_str().unwrap());
    let variables = [
        ("NANO_WEBHOOK_SECRET", ""),
        ("NANO_WEBHOOK_SECRET_FILE", file),
        ("NANO_WEBHOOK_PREVIOUS_SECRET_FILE", previous_file),
    ];
    let receiver = Example::start(program, &variables).await?;
    let status = async |secret: &str| -> Result<u16, String> {
        let request = SignedRequest::signed_now(secret, failed("rotation")).whole();
        Ok(receiver.connect().await.exchange(request).await?.status)
    };
    let until = async |secret: &str, wanted: u16, stays: &str| -> Check {
        // A delivery with a valid secret is never rejected meanwhile.
        let statuses = async || (status(secret).await, status(stays).await);
        let reached = |(changed, stays): &_| *changed == Ok(wanted) || *stays != Ok(200);
        let (_, stays) = poll(statuses, reached).await;
        ensure(stays == Ok(200), format!("a valid secret got {stays:?}"))
    };
    write(&previous, NEW);
    until(NEW, 200, SECRET).await?;
    write(&current, NEW);
    fs::remove_file(&previous).unwrap();
    until(SECRET, 401, NEW).await
}
