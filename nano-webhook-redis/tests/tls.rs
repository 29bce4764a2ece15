//! `rediss://`, against a server with certificates of a test's own authority.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::cell::Cell;
use std::path::Path;
use std::process::Command;

use common::support::RedisServer;
use common::{FIRST, TERMS, builder, id, owner};
use nano_webhook_core::dedupe::{DedupeStore as _, Ownership};
use nano_webhook_redis::redis::{ClientTlsConfig, TlsCertificates};

/// An authority, a server and a client.
struct Certificates(tempfile::TempDir);

impl Certificates {
    fn make() -> Self {
        let made = Self(tempfile::tempdir().unwrap());
        let folder = made.0.path();
        std::fs::write(folder.join("leaf.cnf"), "subjectAltName=IP:127.0.0.1\n").unwrap();
        let key = [
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ];
        openssl(
            folder,
            &[
                &["req", "-x509", "-days", "2", "-subj", "/CN=authority"],
                &key[..],
                &["-keyout", "ca.key", "-out", "ca.pem"],
            ],
        );
        for name in ["server", "client"] {
            let (subject, request) = (format!("/CN={name}"), format!("{name}.csr"));
            let (secret, certificate) = (format!("{name}.key"), format!("{name}.pem"));
            openssl(
                folder,
                &[
                    &["req", "-subj", &subject],
                    &key[..],
                    &["-keyout", &secret, "-out", &request],
                ],
            );
            openssl(
                folder,
                &[
                    &[
                        "x509",
                        "-req",
                        "-days",
                        "2",
                        "-in",
                        &request,
                        "-out",
                        &certificate,
                    ],
                    &["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
                    &["-extfile", "leaf.cnf"],
                ],
            );
        }
        made
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }
}

fn openssl(folder: &Path, arguments: &[&[&str]]) {
    let done = Command::new("openssl")
        .args(arguments.concat())
        .current_dir(folder)
        .output()
        .expect("openssl makes the certificates: apt-get install openssl");
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{errors}");
}

#[tokio::test]
async fn it_works_over_tls() {
    let certificates = Certificates::make();
    let port = Cell::new(0);
    let server = RedisServer::start_on_two_ports(|spare| {
        port.set(spare);
        [
            ("--tls-port", spare.to_string()),
            ("--tls-cert-file", certificates.path("server.pem")),
            ("--tls-key-file", certificates.path("server.key")),
            ("--tls-ca-cert-file", certificates.path("ca.pem")),
        ]
        .into_iter()
        .flat_map(|(option, value)| [option.to_owned(), value])
        .collect()
    })
    .await;
    let url = format!("rediss://127.0.0.1:{}", port.get());

    // The system does not know this authority.
    let error = builder().connect(&url).await.unwrap_err().to_string();
    assert!(error.contains("certificate"), "{error}");

    let authority = TlsCertificates {
        client_tls: None,
        root_cert: Some(certificates.read("ca.pem")),
    };
    // The server wants to know who asks.
    let anonymous = builder()
        .certificates(authority.clone())
        .connect(&url)
        .await;
    assert!(anonymous.is_err());

    let client = TlsCertificates {
        client_tls: Some(ClientTlsConfig {
            client_cert: certificates.read("client.pem"),
            client_key: certificates.read("client.key"),
        }),
        ..authority
    };
    let store = builder().certificates(client).connect(&url).await.unwrap();
    assert_eq!(store.claim(id(1), owner(1), TERMS).await.unwrap(), FIRST);
    let held = store.complete(id(1), owner(1), TERMS).await.unwrap();
    assert_eq!(held, Ownership::Held);
    let keys = server.command(&["EXISTS", &store.key(id(1))]).await;
    assert_eq!(keys, ":1\r\n");
}
