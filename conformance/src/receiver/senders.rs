//! Deliveries signed by other means than this library, and every kind of event.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::example::{Example, SECRET};
use crate::table::{Check, ensure};

fn documented_line() -> Value {
    json!({
        "event": "job.completed",
        "task_id": "task_xxx",
        "url": "https://cdn.example.com/image.png",
    })
}

pub(super) async fn by_node(program: &str) -> Check {
    let mut receiver = Example::start(program, &[]).await?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("sign.mjs");
    let mut node = Command::new("node");
    node.arg(script)
        .args(["--example", "--send", &receiver.url()])
        .env("NANO_WEBHOOK_SECRET", SECRET);
    run(node).await?;
    receiver.prints(&documented_line()).await
}

/// The commands of README's section, as they stand there.
pub(super) async fn by_openssl_and_curl(program: &str) -> Check {
    let mut receiver = Example::start(program, &[]).await?;
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let commands = readme
        .split("```sh\n")
        .filter_map(|block| block.split("```").next())
        .find(|block| block.contains("openssl dgst"))
        .ok_or("README has no block with openssl")?
        .lines()
        .filter(|line| !line.starts_with("export NANO_WEBHOOK_SECRET="))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("http://127.0.0.1:3000/webhook", &receiver.url())
        // Neither the caller's proxy nor its curlrc.
        .replace("curl ", "curl -q --noproxy '*' ");
    let mut shell = Command::new("bash");
    shell
        .args(["-euc", &commands])
        .env("NANO_WEBHOOK_SECRET", SECRET);
    let output = run(shell).await?;
    ensure(output.contains(" 200 OK"), format!("curl got {output}"))?;
    receiver.prints(&documented_line()).await
}

async fn run(mut command: Command) -> Result<String, String> {
    let output = tokio::task::spawn_blocking(move || command.stdin(Stdio::null()).output())
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| format!("could not be run: {error}"))?;
    let [text, errors] =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    ensure(output.status.success(), format!("{text}{errors}"))?;
    Ok(text)
}

/// A body, and the line that is printed.
#[rustfmt::skip]
const EVENTS: [(&str, &str); 5] = [
    (r#"{"event":"job.completed","task_id":"t1","data":{"url":"https://a/b"}}"#, r#"{"event":"job.completed","task_id":"t1","url":"https://a/b"}"#),
    (r#"{"event":"job.failed","task_id":"t2","error":"no \"luck\""}"#, r#"{"event":"job.failed","task_id":"t2","reason":"no \"luck\""}"#),
    (r#"{"event":"job.failed","task_id":"t3"}"#, r#"{"event":"job.failed","task_id":"t3","reason":null}"#),
    (r#"{"event":"job.progress","task_id":"t4"}"#, r#"{"event":"job.progress","task_id":"t4"}"#),
    (r#"{"event":"quota.low"}"#, r#"{"event":"quota.low","task_id":null}"#),
];

pub(super) async fn events(program: &str) -> Check {
    let mut receiver = Example::start(program, &[]).await?;
    for (body, line) in EVENTS {
        receiver.gets(body, 200).await?;
        receiver
            .prints(&serde_json::from_str(line).unwrap())
            .await?;
    }
    Ok(())
}
