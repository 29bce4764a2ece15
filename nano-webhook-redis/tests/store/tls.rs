//! TLS, which the redis crate does.

use std::process::Command;

use nano_webhook_redis::redis::{Client, TlsCertificates};

use crate::support::{RedisServer, builder, client, handle};

#[tokio::test]
async fn it_works_over_tls() {
    // Another test may have done so.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let path = |name| folder.path().join(name).to_str().unwrap().to_owned();
    let (key, certificate) = (path("key.pem"), path("certificate.pem"));
    let made = Command::new("openssl")
        .args("req -x509 -days 2 -subj /CN=redis -nodes -newkey ec".split(' '))
        .args("-pkeyopt ec_paramgen_curve:prime256v1".split(' '))
        .args("-addext subjectAltName=IP:127.0.0.1".split(' '))
        .args("-addext basicConstraints=critical,CA:FALSE".split(' '))
        .args(["-keyout", &key, "-out", &certificate])
        .output()
        .expect("openssl makes the certificate: apt-get install openssl");
    let errors = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{errors}");
    let options = format!(
        "--tls-port SPARE_PORT --tls-cert-file {certificate} --tls-key-file {key} --tls-auth-clients no"
    );
    let server = RedisServer::start_with(&options).await;
    let url = format!("rediss://127.0.0.1:{}", server.spare_port());

    // The system does not know the certificate.
    let error = builder()
        .connect(client(&url))
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("certificate"), "{error}");

    let trusted = TlsCertificates {
        client_tls: None,
        root_cert: Some(std::fs::read(&certificate).unwrap()),
    };
    let client = Client::build_with_tls(url, trusted).unwrap();
    handle(&builder().connect(client).await.unwrap(), 1).await;
}
