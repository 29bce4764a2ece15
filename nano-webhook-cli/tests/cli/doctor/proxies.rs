//! Real proxies in front of a receiver. Each path of a proxy is a deployment of its own.

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::World;
use crate::support::Background;

/// The first location is the guide's.
const NGINX: &str = "
daemon off; master_process off; pid FOLDER/pid; error_log FOLDER/error.log;
events {}
http {
    access_log off;
    client_body_temp_path FOLDER/body; proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi; uwsgi_temp_path FOLDER/uwsgi; scgi_temp_path FOLDER/scgi;
    client_max_body_size 1m;
    proxy_http_version 1.1;
    server {
        listen 127.0.0.1:PORT;
        location = /sound { proxy_pass http://RECEIVER; proxy_set_header Connection ''; }
        location = /limit { client_max_body_size 64k; proxy_pass http://RECEIVER; }
        location = /dropped { proxy_pass http://RECEIVER; proxy_set_header X-Nano-Signature ''; }
        location = /changed { proxy_pass http://RECEIVER; proxy_set_header X-Nano-Timestamp $time_iso8601; }
        location = /no-body { proxy_pass http://RECEIVER; proxy_pass_request_body off; proxy_set_header Content-Length ''; }
        location = /moved { return 301 /sound; }
        location = /trailing { proxy_pass http://RECEIVER; }
        location = /alone { proxy_pass http://127.0.0.1:9; }
        location = /login { auth_basic login; auth_basic_user_file FOLDER/none; proxy_pass http://RECEIVER; }
        location / { return 404; }
    }
}";

const HAPROXY: &str = "
defaults
    mode http
    timeout connect 5s
    timeout client 20s
    timeout server 20s
frontend webhooks
    bind 127.0.0.1:PORT
    http-request add-header X-Nano-Timestamp 1 if { path /repeated }
    http-request set-header Content-Encoding gzip if { path /encoded }
    http-request deny if { path /denied }
    default_backend receiver
backend receiver
    server receiver RECEIVER
";

const CADDY: &str = "
{
    admin off
    auto_https disable_redirects
    skip_install_trust
    storage file_system FOLDER
}
https://localhost:PORT {
    tls internal
    reverse_proxy RECEIVER
}
";

#[test]
#[ignore = "long: needs nginx, HAProxy and Caddy"]
#[rustfmt::skip]
fn deployments_behind_a_proxy() {
    let (world, _processes) = World::new();
    let folder = tempfile::tempdir().unwrap();
    let start = |program: &str, arguments: &[&str], config: &str| {
        proxy(program, arguments, config, &world, folder.path())
    };
    let (_nginx, nginx) = start("nginx", &["-c", "CONFIG"], NGINX);
    let (_haproxy, haproxy) = start("haproxy", &["-db", "-f", "CONFIG"], HAPROXY);
    let (_caddy, caddy) = start("caddy", &["run", "--adapter", "caddyfile", "--config", "CONFIG"], CADDY);
    for (url, codes, exit) in [
        (format!("http://127.0.0.1:{nginx}/sound"), "", 0),
        (format!("http://127.0.0.1:{nginx}/limit"), "path_limit", 1),
        (format!("http://127.0.0.1:{nginx}/dropped"), "header_dropped", 1),
        (format!("http://127.0.0.1:{nginx}/changed"), "header_changed", 1),
        (format!("http://127.0.0.1:{nginx}/no-body"), "body_lost", 1),
        (format!("http://127.0.0.1:{nginx}/moved"), "url_redirects", 1),
        (format!("http://127.0.0.1:{nginx}/trailing/"), "url_slash", 1),
        (format!("http://127.0.0.1:{nginx}/nowhere"), "url_not_found", 1),
        (format!("http://127.0.0.1:{nginx}/alone"), "proxy_without_receiver", 1),
        (format!("http://127.0.0.1:{nginx}/login"), "url_asks_login", 1),
        (format!("http://127.0.0.1:{haproxy}/sound"), "", 0),
        (format!("http://127.0.0.1:{haproxy}/repeated"), "header_repeated", 1),
        (format!("http://127.0.0.1:{haproxy}/encoded"), "body_encoded", 1),
        (format!("http://127.0.0.1:{haproxy}/denied"), "url_asks_login", 1),
        (format!("https://localhost:{caddy}/webhook"), "url_tls", 3),
    ] {
        world.register(&url, &[]);
        let found = world.doctor(&url, &[], &[]);
        assert_eq!(found, (exit, codes.to_owned()), "{url}");
    }
}

/// Starts a proxy on a free port.
fn proxy(
    program: &str,
    arguments: &[&str],
    config: &str,
    world: &World,
    folder: &Path,
) -> (Background, u16) {
    let receiver = world.receiver.strip_prefix("http://").unwrap();
    let path = folder.join(program);
    for _ in 0..10 {
        // Below the ports that the system gives to clients.
        let port = fastrand::u16(15_000..30_000);
        let config = (config.replace("FOLDER", folder.to_str().unwrap()))
            .replace("PORT", &port.to_string())
            .replace("RECEIVER", receiver);
        std::fs::write(&path, config).unwrap();
        let arguments = arguments.iter().map(|argument| match *argument {
            "CONFIG" => path.as_os_str(),
            other => other.as_ref(),
        });
        let mut command = Command::new(program);
        command.args(arguments).env("HOME", folder);
        let running = Background::start(command);
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(10) {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return (running, port);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    panic!("{program} does not start; scripts/setup all installs it");
}
