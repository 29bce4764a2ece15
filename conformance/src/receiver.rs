//! The contract of the receiver examples, against them as processes: what they
//! take from the environment, what they print, and how they end.

mod example;
mod senders;
mod settings;
mod shutdown;

use std::path::Path;
use std::process::Stdio;

use nano_webhook_core::UnixTime;
use nano_webhook_test_kit::{PATIENCE, SignedRequest, command};

use self::example::{Example, SECRET, expect, failed};
use self::senders::{by_node, by_openssl_and_curl, events};
use self::settings::{duplicates, killed, previous_secret, redis, reserialized, tolerance};
use self::shutdown::{drained, interrupted};
use crate::table::{Check, Rows};

/// Runs an example's program through its contract.
///
/// # Panics
/// With the list of all that differs.
#[rustfmt::skip]
pub async fn run_receiver_contract(program: &str) {
    let mut rows = Rows::default();
    rows.push("no secret, no start", refuses_to_start(program, &[]));
    rows.push("an empty secret, no start", refuses_to_start(program, &[("NANO_WEBHOOK_SECRET", "")]));
    rows.push("a head that never ends is cut off", slow_head(program, "POST /webhook HTTP/1.1\r\nx-nano"));
    rows.push("a head that never begins is cut off", slow_head(program, ""));
    rows.push("signed by Node", by_node(program));
    rows.push("signed by openssl, sent by curl", by_openssl_and_curl(program));
    rows.push("every kind of event", events(program));
    rows.push("a duplicate is not handled", duplicates(program));
    rows.push("a previous secret", previous_secret(program));
    rows.push("a narrow tolerance", tolerance(program));
    rows.push("re-serialised bodies", reserialized(program));
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
        .map_err(|error| error.to_string())?;
    let errors = String::from_utf8_lossy(&output.stderr);
    if output.status.success() || !output.stdout.is_empty() {
        return Err("it started".to_owned());
    }
    // It says what is missing, and what it should be set to.
    for word in ["secret", "secret_key"] {
        if !errors.contains(word) {
            return Err(format!("it does not speak of {word}: {errors}"));
        }
    }
    Ok(())
}

/// A head that begins like this, and then nothing.
async fn slow_head(program: &str, beginning: &str) -> Check {
    let receiver = Example::start(program, &[("NANO_WEBHOOK_IDLE_TIMEOUT", "1")]).await?;
    let mut connection = receiver.connect().await;
    connection.send(beginning).await;
    // Some say 408 first.
    if let Ok(answer) = connection.receive().await {
        expect(&answer, 408)?;
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
        expect(&connection.receive().await?, 200)?;
    }
    Ok(())
}

/// As a proxy does it: the whole body first, and then the answer.
async fn unread(program: &str) -> Check {
    let receiver = Example::start(program, &[]).await?;
    let request = SignedRequest::signed_now(SECRET, failed(&"x".repeat(1 << 20)));
    for _ in 0..20 {
        let mut connection = receiver.connect().await;
        connection.try_send(request.whole()).await?;
        expect(&connection.receive().await?, 413)?;
    }
    Ok(())
}

/// The runbook: accept the new secret as well, rotate, then drop the old one.
async fn replaced_secrets(program: &str) -> Check {
    let folder = std::env::temp_dir().join(format!(
        "nano-webhook-secrets-{}",
        UnixTime::now().as_millis()
    ));
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let (current, previous) = (folder.join("current"), folder.join("previous"));
    let write = |path: &Path, secret: &str| {
        let draft = folder.join("draft");
        std::fs::write(&draft, secret).and_then(|()| std::fs::rename(&draft, path))
    };
    write(&current, SECRET).map_err(|error| error.to_string())?;
    let variables = [
        ("NANO_WEBHOOK_SECRET", ""),
        ("NANO_WEBHOOK_SECRET_FILE", current.to_str().unwrap()),
        (
            "NANO_WEBHOOK_PREVIOUS_SECRET_FILE",
            previous.to_str().unwrap(),
        ),
    ];
    let receiver = Example::start(program, &variables).await?;
    const NEW: &str = "the secret that comes next, for the examples";
    let status = async |secret: &str| -> Result<u16, String> {
        let request = SignedRequest::signed_now(secret, failed("rotation"));
        Ok(receiver
            .connect()
            .await
            .exchange(request.whole())
            .await?
            .status)
    };
    let until = async |secret: &str, wanted: u16, stays: &str| -> Check {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while status(secret).await? != wanted {
            if status(stays).await? != 200 {
                return Err("a delivery with a valid secret was rejected".to_owned());
            }
            if tokio::time::Instant::now() > deadline {
                return Err(format!("{wanted} never came"));
            }
        }
        Ok(())
    };
    let replaced = async {
        write(&previous, NEW).map_err(|error| error.to_string())?;
        until(NEW, 200, SECRET).await?;
        write(&current, NEW).map_err(|error| error.to_string())?;
        std::fs::remove_file(&previous).map_err(|error| error.to_string())?;
        until(SECRET, 401, NEW).await
    }
    .await;
    let _ = std::fs::remove_dir_all(&folder);
    replaced
}
