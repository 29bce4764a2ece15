//! The contract of the receiver examples, against them as processes: what they
//! take from the environment, what they print, and how they end.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nano_webhook_core::{Secret, Signer, UnixTime};
use serde_json::{Value, json};

use crate::http::{Connection, Response};
use crate::process::{Process, free_port};
use crate::report::Report;

const SECRET: &str = "a secret for the examples, 'quoted' & spaced";
const PREVIOUS: &str = "the secret before that one";

/// Runs an example's program through its contract.
///
/// # Panics
/// With the list of all that differs.
pub async fn run_receiver_contract(program: &str) {
    let mut report = Report::new("the contract of the receiver examples");
    report.add("no secret, no start", refuses_to_start(program, &[]));
    report.add(
        "an empty secret, no start",
        refuses_to_start(program, &[("NANO_WEBHOOK_SECRET", "")]),
    );
    report.add("signed by Node", by_node(program).await);
    report.add(
        "signed by openssl, sent by curl",
        by_openssl_and_curl(program).await,
    );
    report.add("every kind of event", events(program).await);
    report.add("a duplicate is not handled", duplicates(program).await);
    report.add("a previous secret", previous_secret(program).await);
    report.add("a narrow tolerance", tolerance(program).await);
    report.add("re-serialised bodies", reserialized(program).await);
    report.add("two receivers, one Redis", redis(program).await);
    report.add(
        "a head that never ends is cut off",
        slow_head(program).await,
    );
    report.add("SIGTERM ends it", terminates(program).await);
    report.finish(12);
}

fn refuses_to_start(program: &str, variables: &[(&str, &str)]) -> Result<(), String> {
    let output = Command::new(program)
        .env_remove("NANO_WEBHOOK_SECRET")
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

/// A receiver that runs, and where it listens.
struct Receiver {
    process: Process,
    addr: SocketAddr,
}

impl Receiver {
    async fn start(program: &str, variables: &[(&str, &str)]) -> Result<Self, String> {
        let mut command = Command::new(program);
        command
            .env("NANO_WEBHOOK_SECRET", SECRET)
            .env("NANO_WEBHOOK_ADDR", "127.0.0.1:0")
            .envs(variables.iter().copied());
        let mut process = Process::start(command)?;
        let line = process.line().await?;
        let addr = line
            .strip_prefix("listening on http://")
            .and_then(|rest| rest.strip_suffix("/webhook"))
            .and_then(|addr| addr.parse().ok())
            .ok_or_else(|| format!("its first line is {line:?}"))?;
        Ok(Self { process, addr })
    }

    fn url(&self) -> String {
        format!("http://{}/webhook", self.addr)
    }

    async fn post(&self, secret: &str, time: UnixTime, body: &str) -> Result<Response, String> {
        let signer = Signer::new(Secret::new(secret).unwrap());
        self.post_as(&signer, time, body, body).await
    }

    async fn post_as(
        &self,
        signer: &Signer,
        time: UnixTime,
        signed: &str,
        sent: &str,
    ) -> Result<Response, String> {
        let headers = signer.sign(time, signed.as_bytes());
        let request = format!(
            "POST /webhook HTTP/1.1\r\nhost: localhost\r\nx-nano-timestamp: {}\r\n\
             x-nano-signature: {}\r\ncontent-length: {}\r\n\r\n{sent}",
            headers.timestamp(),
            headers.signature(),
            sent.len()
        );
        Connection::open(self.addr)
            .await
            .exchange(request.as_bytes())
            .await
    }

    /// The next line of standard output, as JSON.
    async fn handled(&mut self) -> Result<Value, String> {
        let line = self.process.line().await?;
        serde_json::from_str(&line).map_err(|error| format!("{line:?}: {error}"))
    }

    /// Delivers one event more, and sees that its line is the next one.
    async fn nothing_more_was_handled(&mut self) -> Result<(), String> {
        let marker = r#"{"event":"marker","task_id":"marker"}"#;
        expect(&self.post(SECRET, now(), marker).await?, 200)?;
        let line = self.handled().await?;
        (line["event"] == "marker")
            .then_some(())
            .ok_or_else(|| format!("the handler was called for {line}"))
    }
}

fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    UnixTime::from_secs(since.as_secs())
}

fn expect(answer: &Response, status: u16) -> Result<(), String> {
    (answer.status == status)
        .then_some(())
        .ok_or_else(|| format!("got {} {:?}, not {status}", answer.status, answer.code()))
}

fn expect_line(got: &Value, wanted: &Value) -> Result<(), String> {
    (got == wanted)
        .then_some(())
        .ok_or_else(|| format!("printed {got}, not {wanted}"))
}

fn documented_line() -> Value {
    json!({
        "event": "job.completed",
        "task_id": "task_xxx",
        "url": "https://cdn.example.com/image.png",
    })
}

async fn by_node(program: &str) -> Result<(), String> {
    let mut receiver = Receiver::start(program, &[]).await?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("sign.mjs");
    let mut node = Command::new("node");
    node.arg(script)
        .args(["--example", "--send", &receiver.url()])
        .env("NANO_WEBHOOK_SECRET", SECRET);
    run(node).await?;
    expect_line(&receiver.handled().await?, &documented_line())
}

/// The commands of README's section, as they stand there.
async fn by_openssl_and_curl(program: &str) -> Result<(), String> {
    let mut receiver = Receiver::start(program, &[]).await?;
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(readme).map_err(|error| error.to_string())?;
    let commands = readme
        .split("```sh\n")
        .filter_map(|block| block.split("```").next())
        .find(|block| block.contains("openssl dgst"))
        .ok_or("README has no block with openssl")?
        .lines()
        .filter(|line| !line.starts_with("export NANO_WEBHOOK_SECRET="))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("http://127.0.0.1:3000/webhook", &receiver.url());
    let mut shell = Command::new("bash");
    shell
        .args(["-euc", &commands])
        .env("NANO_WEBHOOK_SECRET", SECRET);
    let output = run(shell).await?;
    if !output.contains(" 200 OK") {
        return Err(format!("curl got {output}"));
    }
    expect_line(&receiver.handled().await?, &documented_line())
}

async fn run(mut command: Command) -> Result<String, String> {
    let output = tokio::task::spawn_blocking(move || command.stdin(Stdio::null()).output())
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| format!("could not be run: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.status.success() {
        true => Ok(text),
        false => Err(format!("{text}{}", String::from_utf8_lossy(&output.stderr))),
    }
}

async fn events(program: &str) -> Result<(), String> {
    let mut receiver = Receiver::start(program, &[]).await?;
    for (body, line) in [
        (
            r#"{"event":"job.completed","task_id":"t1","data":{"url":"https://a/b"}}"#,
            json!({"event": "job.completed", "task_id": "t1", "url": "https://a/b"}),
        ),
        (
            r#"{"event":"job.failed","task_id":"t2","error":"no \"luck\""}"#,
            json!({"event": "job.failed", "task_id": "t2", "reason": "no \"luck\""}),
        ),
        (
            r#"{"event":"job.failed","task_id":"t3"}"#,
            json!({"event": "job.failed", "task_id": "t3", "reason": null}),
        ),
        (
            r#"{"event":"job.progress","task_id":"t4"}"#,
            json!({"event": "job.progress", "task_id": "t4"}),
        ),
        (
            r#"{"event":"quota.low"}"#,
            json!({"event": "quota.low", "task_id": null}),
        ),
    ] {
        expect(&receiver.post(SECRET, now(), body).await?, 200)?;
        expect_line(&receiver.handled().await?, &line)?;
    }
    Ok(())
}

async fn duplicates(program: &str) -> Result<(), String> {
    let mut receiver = Receiver::start(program, &[]).await?;
    let body = r#"{"event":"job.failed","task_id":"twice"}"#;
    for _ in 0..2 {
        expect(&receiver.post(SECRET, now(), body).await?, 200)?;
    }
    receiver.handled().await?;
    receiver.nothing_more_was_handled().await
}

async fn previous_secret(program: &str) -> Result<(), String> {
    let body = r#"{"event":"job.failed","task_id":"rotated"}"#;
    let receiver = Receiver::start(program, &[]).await?;
    expect(&receiver.post(PREVIOUS, now(), body).await?, 401)?;
    let variables = [("NANO_WEBHOOK_PREVIOUS_SECRET", PREVIOUS)];
    let receiver = Receiver::start(program, &variables).await?;
    expect(&receiver.post(PREVIOUS, now(), body).await?, 200)
}

async fn tolerance(program: &str) -> Result<(), String> {
    let body = r#"{"event":"job.failed","task_id":"late"}"#;
    let late = now().saturating_sub(Duration::from_secs(120));
    let receiver = Receiver::start(program, &[("NANO_WEBHOOK_TOLERANCE", "60")]).await?;
    expect(&receiver.post(SECRET, late, body).await?, 401)?;
    let receiver = Receiver::start(program, &[]).await?;
    expect(&receiver.post(SECRET, late, body).await?, 200)
}

async fn reserialized(program: &str) -> Result<(), String> {
    let signer = Signer::new(Secret::new(SECRET).unwrap());
    let signed = r#"{"event":"job.failed","task_id":"pretty"}"#;
    let sent = "{\n  \"event\": \"job.failed\",\n  \"task_id\": \"pretty\"\n}\n";
    let receiver = Receiver::start(program, &[]).await?;
    expect(&receiver.post_as(&signer, now(), signed, sent).await?, 401)?;
    let variables = [("NANO_WEBHOOK_ACCEPT_RESERIALIZED", "1")];
    let receiver = Receiver::start(program, &variables).await?;
    expect(&receiver.post_as(&signer, now(), signed, sent).await?, 200)
}

/// What one has handled, the other knows.
async fn redis(program: &str) -> Result<(), String> {
    let port = free_port().to_string();
    let folder = std::env::temp_dir();
    let mut server = Command::new("redis-server");
    server
        .args([
            "--port",
            &port,
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ])
        .current_dir(folder);
    let mut server = Process::start(server)
        .map_err(|error| format!("redis-server {error}; scripts/setup installs it"))?;
    while !server.line().await?.contains("Ready to accept connections") {}

    let url = format!("redis://127.0.0.1:{port}");
    let variables = [("NANO_WEBHOOK_REDIS_URL", url.as_str())];
    let mut one = Receiver::start(program, &variables).await?;
    let mut other = Receiver::start(program, &variables).await?;
    let body = r#"{"event":"job.failed","task_id":"shared"}"#;
    for receiver in [&one, &other] {
        expect(&receiver.post(SECRET, now(), body).await?, 200)?;
    }
    one.handled().await?;
    other.nothing_more_was_handled().await
}

/// Half a head, and then nothing. Also nothing at all.
async fn slow_head(program: &str) -> Result<(), String> {
    let receiver = Receiver::start(program, &[]).await?;
    for beginning in ["POST /webhook HTTP/1.1\r\nx-nano", ""] {
        let mut connection = Connection::open(receiver.addr).await;
        connection.send(beginning.as_bytes()).await;
        // Some say 408 first.
        if let Ok(answer) = connection.receive().await {
            expect(&answer, 408)?;
            connection.until_closed().await?;
        } else {
            connection.until_closed().await?;
        }
    }
    Ok(())
}

async fn terminates(program: &str) -> Result<(), String> {
    let mut receiver = Receiver::start(program, &[]).await?;
    let body = r#"{"event":"job.failed","task_id":"last"}"#;
    expect(&receiver.post(SECRET, now(), body).await?, 200)?;
    receiver.handled().await?;
    match receiver.process.terminate().await? {
        0 => Ok(()),
        code => Err(format!("it ended with {code}")),
    }
}
