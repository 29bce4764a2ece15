//! The contract of the receiver examples, against them as processes: what they
//! take from the environment, what they print, and how they end.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nano_webhook_core::{Secret, Signer, UnixTime};
use serde_json::{Value, json};

use crate::http::{Connection, Response};
use crate::patience::PATIENCE;
use crate::process::{Process, command, redis_server};
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
    // Both wait for the receiver's head timeout, so they wait together with the others.
    let (slow, silent, ()) = tokio::join!(
        slow_head(program, "POST /webhook HTTP/1.1\r\nx-nano"),
        slow_head(program, ""),
        async {
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
                "killed and started again on SQLite: not handled again",
                killed(program).await,
            );
            report.add(
                "a client that has closed its sending side is answered",
                half_closed(program).await,
            );
            report.add(
                "a body that is rejected unread is answered",
                unread(program).await,
            );
            report.add(
                "secrets are replaced while it runs, and no delivery is rejected",
                replaced_secrets(program).await,
            );
            report.add("SIGTERM ends it", terminates(program).await);
        },
    );
    report.add("a head that never ends is cut off", slow);
    report.add("a head that never begins is cut off", silent);
    report.finish(17);
}

fn refuses_to_start(program: &str, variables: &[(&str, &str)]) -> Result<(), String> {
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

/// A receiver that runs, and where it listens.
struct Receiver {
    process: Process,
    addr: SocketAddr,
}

impl Receiver {
    async fn start(program: &str, variables: &[(&str, &str)]) -> Result<Self, String> {
        let mut command = command(program);
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
        .replace("http://127.0.0.1:3000/webhook", &receiver.url())
        // Neither the caller's proxy nor its curlrc.
        .replace("curl ", "curl -q --noproxy '*' ");
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
    let (_server, port) = redis_server().await?;
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

/// What it has answered 200, it knows after `kill -9`.
async fn killed(program: &str) -> Result<(), String> {
    let file = std::env::temp_dir().join(format!("nano-webhook-{}.db", now().as_millis()));
    let url = format!("sqlite:{}", file.display());
    let variables = [("NANO_WEBHOOK_DATABASE_URL", url.as_str())];
    let body = r#"{"event":"job.failed","task_id":"remembered"}"#;
    let mut first = Receiver::start(program, &variables).await?;
    expect(&first.post(SECRET, now(), body).await?, 200)?;
    first.handled().await?;
    // The process is killed when it is dropped.
    drop(first);
    let mut second = Receiver::start(program, &variables).await?;
    expect(&second.post(SECRET, now(), body).await?, 200)?;
    second.nothing_more_was_handled().await?;
    drop(second);
    for suffix in ["", "-shm", "-wal"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
    }
    Ok(())
}

/// A head that begins like this, and then nothing.
async fn slow_head(program: &str, beginning: &str) -> Result<(), String> {
    let receiver = Receiver::start(program, &[("NANO_WEBHOOK_IDLE_TIMEOUT", "1")]).await?;
    let mut connection = Connection::open(receiver.addr).await;
    connection.send(beginning.as_bytes()).await;
    // Some say 408 first.
    if let Ok(answer) = connection.receive().await {
        expect(&answer, 408)?;
    }
    connection.until_closed().await
}

fn delivery(secret: &str, body: &str) -> Vec<u8> {
    let signed = Signer::new(Secret::new(secret).unwrap()).sign(now(), body.as_bytes());
    format!(
        "POST /webhook HTTP/1.1\r\nhost: localhost\r\nx-nano-timestamp: {}\r\n\
         x-nano-signature: {}\r\ncontent-length: {}\r\n\r\n{body}",
        signed.timestamp(),
        signed.signature(),
        body.len()
    )
    .into_bytes()
}

async fn half_closed(program: &str) -> Result<(), String> {
    let receiver = Receiver::start(program, &[]).await?;
    for number in 0..20 {
        let body = format!(r#"{{"event":"job.failed","task_id":"half-{number}"}}"#);
        let mut connection = Connection::open(receiver.addr).await;
        connection.send(&delivery(SECRET, &body)).await;
        connection.close_sending_side().await;
        expect(&connection.receive().await?, 200)?;
    }
    Ok(())
}

/// As a proxy does it: the whole body first, and then the answer.
async fn unread(program: &str) -> Result<(), String> {
    let receiver = Receiver::start(program, &[]).await?;
    let body = format!(
        r#"{{"event":"job.failed","task_id":"{}"}}"#,
        "x".repeat(1 << 20)
    );
    for _ in 0..20 {
        let mut connection = Connection::open(receiver.addr).await;
        connection.try_send(&delivery(SECRET, &body)).await?;
        expect(&connection.receive().await?, 413)?;
    }
    Ok(())
}

/// The runbook: accept the new secret as well, rotate, then drop the old one.
async fn replaced_secrets(program: &str) -> Result<(), String> {
    let folder = std::env::temp_dir().join(format!("nano-webhook-secrets-{}", now().as_millis()));
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
    let receiver = Receiver::start(program, &variables).await?;
    const NEW: &str = "the secret that comes next, for the examples";
    let status = async |secret: &str| -> Result<u16, String> {
        let body = r#"{"event":"job.failed","task_id":"rotation"}"#;
        Ok(receiver.post(secret, now(), body).await?.status)
    };
    let until = async |secret: &str, wanted: u16, stays: &str| -> Result<(), String> {
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
