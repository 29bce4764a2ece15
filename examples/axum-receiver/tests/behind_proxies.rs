//! The receivers behind the real nginx, HAProxy and Caddy, each with the configuration that
//! the guide shows: bodies and headers pass untouched, and every rejection arrives.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice
)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use nano_webhook_axum::{Secret, Signer, UnixTime};
use nano_webhook_test_kit::{Framework, Receiver};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

const SECRET: &str = "a secret for the receivers behind proxies";
const GUIDE: &str = include_str!("../../../docs/guide/behind-a-proxy.md");
const HANG: Duration = Duration::from_secs(60);

/// How a proxy of the guide is started.
struct Proxy {
    name: &'static str,
    /// The section of the guide that shows its configuration.
    section: &'static str,
    /// What the guide says where the test has a folder of its own: text and replacement.
    replaced: &'static [(&'static str, &'static str)],
    /// Around the guide's text.
    around: (&'static str, &'static str),
    arguments: &'static [&'static str],
    /// What a body that stalls is answered, if it is.
    stalled: Option<u16>,
}

/// In all texts, FOLDER is the test's own. Proxies listen on a socket file, which no other
/// process can take.
static PROXIES: [Proxy; 3] = [
    Proxy {
        name: "nginx",
        section: "## nginx",
        replaced: &[
            ("listen 443 ssl;", "listen unix:FOLDER/socket;"),
            ("ssl_certificate /etc/ssl/webhooks.pem;", ""),
            ("ssl_certificate_key /etc/ssl/webhooks.key;", ""),
        ],
        around: (
            "daemon off; pid FOLDER/pid; error_log FOLDER/error.log; events {} http {
             access_log off; client_body_temp_path FOLDER/body; proxy_temp_path FOLDER/proxy;
             fastcgi_temp_path FOLDER/fastcgi; uwsgi_temp_path FOLDER/uwsgi;
             scgi_temp_path FOLDER/scgi;",
            "}",
        ),
        arguments: &["-c", "FOLDER/config"],
        stalled: None,
    },
    Proxy {
        name: "haproxy",
        section: "## HAProxy",
        replaced: &[(
            "bind :443 ssl crt /etc/haproxy/webhooks.pem",
            "bind unix@FOLDER/socket",
        )],
        around: ("", ""),
        arguments: &["-db", "-f", "FOLDER/config"],
        stalled: Some(408),
    },
    Proxy {
        name: "caddy",
        section: "## Caddy",
        replaced: &[(
            "webhooks.example.com {",
            "http://webhooks.example.com {\nbind unix/FOLDER/socket",
        )],
        around: ("{\nadmin off\n}\n", ""),
        arguments: &["run", "--adapter", "caddyfile", "--config", "FOLDER/config"],
        stalled: Some(408),
    },
];

/// A request, and the status that arrives at its sender.
struct Row {
    name: &'static str,
    body: Vec<u8>,
    framing: Framing,
    times: usize,
    signature: Signature,
    status: Option<u16>,
}

#[derive(Clone, Copy, PartialEq)]
enum Framing {
    ContentLength,
    Chunked,
    /// All but the last byte, and then nothing.
    Stalled,
}

#[derive(Clone, Copy, PartialEq)]
enum Signature {
    Right,
    Wrong,
    Twice,
}

fn rows(stalled: Option<u16>) -> Vec<Row> {
    let awkward = "{\"event\":\"job.failed\", \"task_id\":\"\u{e9}\u{1f34c}\\u0041\",\n \"error\":\"a\\/b\"}\n";
    let of_size = |size: usize| {
        let frame = r#"{"event":"job.failed","task_id":""}"#.len();
        let task = "x".repeat(size - frame);
        format!(r#"{{"event":"job.failed","task_id":"{task}"}}"#).into_bytes()
    };
    let row = |name, body, framing, status| Row {
        name,
        body,
        framing,
        times: 1,
        signature: Signature::Right,
        status: Some(status),
    };
    use Framing::{Chunked, ContentLength, Stalled};
    vec![
        row("a delivery", awkward.into(), ContentLength, 200),
        row("a delivery in chunks", awkward.into(), Chunked, 200),
        row("the largest", of_size(256 * 1024), ContentLength, 200),
        row("the largest in chunks", of_size(256 * 1024), Chunked, 200),
        Row {
            status: stalled,
            ..row("a body that stalls", of_size(1024), Stalled, 0)
        },
        Row {
            times: 100,
            ..row("too large", of_size(300_000), ContentLength, 413)
        },
        Row {
            times: 20,
            ..row("too large in chunks", of_size(300_000), Chunked, 413)
        },
        Row {
            times: 20,
            signature: Signature::Wrong,
            ..row("forged", of_size(200_000), ContentLength, 401)
        },
        Row {
            times: 20,
            signature: Signature::Twice,
            ..row("signed twice", of_size(200_000), ContentLength, 400)
        },
    ]
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: needs nginx, HAProxy and Caddy"]
async fn rejections_and_deliveries_pass_through_proxies() {
    let mut trials = JoinSet::new();
    for framework in Framework::ALL {
        let program = match framework {
            Framework::Axum => PathBuf::from(env!("CARGO_BIN_EXE_axum-receiver")),
            Framework::Actix => framework.program(),
        };
        for proxy in &PROXIES {
            let program = program.clone();
            trials.spawn(async move {
                let differing = differing(proxy, &program).await;
                differing.map(|row| format!("{}, {framework:?}: {row}", proxy.name))
            });
        }
    }
    let differing: Vec<_> = trials.join_all().await.into_iter().flatten().collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// The first request whose answer differs. Those of a row are sent at the same time.
async fn differing(proxy: &'static Proxy, program: &Path) -> Option<String> {
    let variables = [("NANO_WEBHOOK_SECRET", SECRET)];
    let receiver = Receiver::start(program, &variables).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let _running = proxy.start(folder.path(), &receiver).await;
    for row in rows(proxy.stalled) {
        let (row, mut senders) = (Arc::new(row), JoinSet::new());
        for _ in 0..row.times {
            let (row, socket) = (Arc::clone(&row), folder.path().join("socket"));
            senders.spawn(async move { deliver(&socket, &row).await });
        }
        let expected = (row.status).map_or(String::new(), |status| format!("HTTP/1.1 {status} "));
        let answers = senders.join_all().await;
        let differs = |answer: &String| {
            answer.is_empty() != expected.is_empty() || !answer.starts_with(&expected)
        };
        if let Some(answer) = answers.into_iter().find(differs) {
            return Some(format!("{}: {answer:?}", row.name));
        }
    }
    None
}

impl Proxy {
    async fn start(&self, folder: &Path, receiver: &Receiver) -> Running {
        let (addr, health) = (receiver.addr, receiver.health.unwrap());
        let mut config = self.around.0.to_owned() + self.shown() + self.around.1;
        for (shown, used) in self.replaced {
            assert!(config.contains(shown), "{} shows no {shown}", self.section);
            config = config.replace(shown, used);
        }
        let folder_name = folder.to_str().unwrap();
        let config = config
            .replace("127.0.0.1:3000", &addr.to_string())
            .replace("9464", &health.port().to_string())
            .replace("FOLDER", folder_name);
        std::fs::write(folder.join("config"), config).unwrap();
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let child = Command::new(self.name)
            .args((self.arguments.iter()).map(|text| text.replace("FOLDER", folder_name)))
            // Caddy keeps certificates and settings there.
            .env("HOME", folder)
            .env("XDG_CONFIG_HOME", folder)
            .env("XDG_DATA_HOME", folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|_| panic!("{} is missing; scripts/setup all installs it", self.name));
        let running = Running(child);
        let socket = folder.join("socket");
        let started = async {
            while UnixStream::connect(&socket).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if timeout(HANG, started).await.is_err() {
            let log = std::fs::read_to_string(folder.join("log")).unwrap();
            panic!("{} does not start: {log}", self.name);
        }
        running
    }

    /// The first block of its section.
    fn shown(&self) -> &'static str {
        let (_, section) = GUIDE.split_once(self.section).expect("the section");
        let block = section.split("```").nth(1).expect("a block");
        block.split_once('\n').expect("lines").1
    }
}

/// A program that is killed when the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The whole request first, as a sender does that does not look for an early answer.
async fn deliver(socket: &Path, row: &Row) -> String {
    let signer = Signer::new(Secret::new(SECRET).unwrap());
    let signed_body = match row.signature {
        Signature::Wrong => b"another body".as_slice(),
        Signature::Right | Signature::Twice => &row.body,
    };
    let signed = signer.sign(UnixTime::now(), signed_body);
    let signature = format!("x-nano-signature: {}\r\n", signed.signature());
    let signatures = match row.signature {
        Signature::Twice => signature.repeat(2),
        Signature::Right | Signature::Wrong => signature,
    };
    let framing = match row.framing {
        Framing::Chunked => "transfer-encoding: chunked".to_owned(),
        Framing::ContentLength | Framing::Stalled => format!("content-length: {}", row.body.len()),
    };
    let mut request = format!(
        "POST /webhook HTTP/1.1\r\nhost: webhooks.example.com\r\nconnection: close\r\n\
         content-type: application/json\r\nx-nano-timestamp: {}\r\n{signatures}{framing}\r\n\r\n",
        signed.timestamp(),
    )
    .into_bytes();
    match row.framing {
        Framing::ContentLength => request.extend(&row.body),
        Framing::Stalled => request.extend(row.body.iter().take(row.body.len() - 1)),
        Framing::Chunked => {
            for chunk in row.body.chunks(10_000) {
                request.extend(format!("{:x}\r\n", chunk.len()).bytes());
                request.extend(chunk);
                request.extend(b"\r\n");
            }
            request.extend(b"0\r\n\r\n");
        }
    }
    let mut stream = UnixStream::connect(socket).await.unwrap();
    // A proxy that has answered need not read the rest.
    let _ = timeout(HANG, stream.write_all(&request)).await;
    let mut answer = Vec::new();
    let _ = timeout(HANG, stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}
