//! The contract of the receiver examples, against them as processes: what they
//! take from the environment, what they print, and how they end.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nano_webhook_core::UnixTime;
use nano_webhook_test_kit::{
    Connection, PATIENCE, Receiver, RedisServer, Response, SignedRequest, command,
};
use serde_json::{Value, json};

use crate::table::{Check, Report};

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

fn refuses_to_start(program: &str, variables: &[(&str, &str)]) -> Check {
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

/// An example that runs, with the contract's secret.
struct Example(Receiver);

impl Example {
    async fn start(program: &str, variables: &[(&str, &str)]) -> Result<Self, String> {
        let variables = [&[("NANO_WEBHOOK_SECRET", SECRET)], variables].concat();
        Receiver::start(program, &variables).await.map(Self)
    }

    fn url(&self) -> String {
        format!("http://{}/webhook", self.0.addr)
    }

    async fn connect(&self) -> Connection {
        Connection::open(self.0.addr).await
    }

    /// Posts a body, and gets this status.
    async fn gets(&self, body: &str, status: u16) -> Check {
        self.answers(&SignedRequest::signed_now(SECRET, body), status)
            .await
    }

    async fn answers(&self, request: &SignedRequest, status: u16) -> Check {
        expect(
            &self.connect().await.exchange(request.whole()).await?,
            status,
        )
    }

    /// The next line of standard output is this one, as JSON.
    async fn prints(&mut self, wanted: &Value) -> Check {
        let line = self.0.process.line().await?;
        let got: Value =
            serde_json::from_str(&line).map_err(|error| format!("{line:?}: {error}"))?;
        (got == *wanted)
            .then_some(())
            .ok_or_else(|| format!("printed {got}, not {wanted}"))
    }

    /// Delivers one event more, and sees that its line is the next one.
    async fn prints_nothing_more(&mut self) -> Check {
        self.gets(r#"{"event":"marker","task_id":"marker"}"#, 200)
            .await?;
        self.prints(&json!({"event": "marker", "task_id": "marker"}))
            .await
    }
}

fn failed(task: &str) -> String {
    format!(r#"{{"event":"job.failed","task_id":"{task}"}}"#)
}

fn failed_line(task: &str) -> Value {
    json!({"event": "job.failed", "task_id": task, "reason": null})
}

fn expect(answer: &Response, status: u16) -> Check {
    (answer.status == status)
        .then_some(())
        .ok_or_else(|| format!("got {} {:?}, not {status}", answer.status, answer.code()))
}

fn documented_line() -> Value {
    json!({
        "event": "job.completed",
        "task_id": "task_xxx",
        "url": "https://cdn.example.com/image.png",
    })
}

async fn by_node(program: &str) -> Check {
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
async fn by_openssl_and_curl(program: &str) -> Check {
    let mut receiver = Example::start(program, &[]).await?;
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
    receiver.prints(&documented_line()).await
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

async fn events(program: &str) -> Check {
    let mut receiver = Example::start(program, &[]).await?;
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
        receiver.gets(body, 200).await?;
        receiver.prints(&line).await?;
    }
    Ok(())
}

async fn duplicates(program: &str) -> Check {
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

async fn previous_secret(program: &str) -> Check {
    let request = SignedRequest::signed_now(PREVIOUS, failed("rotated"));
    let variable = ("NANO_WEBHOOK_PREVIOUS_SECRET", PREVIOUS);
    setting(program, variable, &request, [401, 200]).await
}

async fn tolerance(program: &str) -> Check {
    let late = UnixTime::now().saturating_sub(Duration::from_secs(120));
    let request = SignedRequest::signed(SECRET, late, failed("late"));
    let variable = ("NANO_WEBHOOK_TOLERANCE", "60");
    setting(program, variable, &request, [200, 401]).await
}

async fn reserialized(program: &str) -> Check {
    let mut request = SignedRequest::signed_now(SECRET, failed("pretty"));
    request.body = b"{\n  \"event\": \"job.failed\",\n  \"task_id\": \"pretty\"\n}\n".into();
    let variable = ("NANO_WEBHOOK_ACCEPT_RESERIALIZED", "1");
    setting(program, variable, &request, [401, 200]).await
}

/// What one has handled, the other knows.
async fn redis(program: &str) -> Check {
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
async fn killed(program: &str) -> Check {
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

async fn terminates(program: &str) -> Check {
    let mut receiver = Example::start(program, &[]).await?;
    receiver.gets(&failed("last"), 200).await?;
    receiver.prints(&failed_line("last")).await?;
    match receiver.0.process.terminate().await? {
        0 => Ok(()),
        code => Err(format!("it ended with {code}")),
    }
}
