use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nano_webhook_test_kit::Receiver;
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::HANG;

const GUIDE: &str = include_str!("../../../../docs/guide/behind-a-proxy.md");

/// How a proxy of the guide is started.
pub(crate) struct Proxy {
    pub(crate) name: &'static str,
    /// The section of the guide that shows its configuration.
    section: &'static str,
    /// What the guide says where the test has a folder of its own: text and replacement.
    replaced: &'static [(&'static str, &'static str)],
    /// Around the guide's text.
    around: (&'static str, &'static str),
    arguments: &'static [&'static str],
    /// What a body that stalls is answered, if it is.
    pub(crate) stalled: Option<u16>,
}

/// In all texts, FOLDER is the test's own. Proxies listen on a socket file, which no other
/// process can take.
pub(crate) static PROXIES: [Proxy; 3] = [
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

impl Proxy {
    pub(crate) async fn start(&self, folder: &Path, receiver: &Receiver) -> Running {
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
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
