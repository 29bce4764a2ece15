use std::net::SocketAddr;

use nano_webhook_inspector::{Inspector, Reach, Verdict};
use nano_webhook_test_kit::SignedRequest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::{RECEIVER, Served};

/// Path, head and body of a host's answer, and what the page gets.
type Row = (
    &'static str,
    &'static str,
    &'static [u8],
    &'static str,
    &'static str,
);

/// Answers each path with its row, and hands out the request's head.
async fn host(rows: &'static [Row]) -> (SocketAddr, tokio::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (sender, heads) = tokio::sync::mpsc::channel(100);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                stream.read_buf(&mut head).await.unwrap();
            }
            let head = String::from_utf8(head).unwrap();
            let path = head.split(' ').nth(1).unwrap();
            let (_, answer, body, ..) = rows.iter().find(|(name, ..)| *name == path).unwrap();
            let _ = stream
                .write_all(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes())
                .await;
            let _ = stream.write_all(body).await;
            let _ = sender.send(head).await;
        }
    });
    (addr, heads)
}

fn completed(url: &str) -> SignedRequest {
    let document =
        serde_json::json!({"event": "job.completed", "task_id": "t", "data": {"url": url}});
    SignedRequest::new(document.to_string())
}

#[tokio::test]
#[rustfmt::skip]
async fn files_are_what_their_bytes_say() {
    const ROWS: &[Row] = &[
        ("/png", "200 OK\r\nContent-Type: text/html", b"\x89PNG\r\n\x1a\n....", "200", "image/png"),
        ("/jpeg", "200 OK", b"\xff\xd8\xff\xe0", "200", "image/jpeg"),
        ("/gif", "200 OK", b"GIF89a", "200", "image/gif"),
        ("/webp", "200 OK", b"RIFF\0\0\0\0WEBPVP8 ", "200", "image/webp"),
        ("/avif", "200 OK", b"\0\0\0\x20ftypavif", "200", "image/avif"),
        ("/mp4", "200 OK", b"\0\0\0\x20ftypisom", "200", "video/mp4"),
        ("/webm", "200 OK", b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "200", "video/webm"),
        ("/html", "200 OK\r\nContent-Type: image/png", b"<script>alert(1)</script>", "415 unknown_media_type", ""),
        ("/svg", "200 OK\r\nContent-Type: image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "415 unknown_media_type", ""),
        ("/empty", "200 OK\r\nContent-Length: 0", b"", "415 unknown_media_type", ""),
        ("/missing", "404 Not Found", b"\x89PNG\r\n\x1a\n", "502 media_unavailable", ""),
        ("/elsewhere", "302 Found\r\nLocation: /png", b"", "502 media_unavailable", ""),
        ("/large", "200 OK\r\nContent-Length: 67108865", b"\x89PNG\r\n\x1a\n", "413 media_too_large", ""),
        ("/broken", "200 OK\r\nContent-Length: 100", b"\x89PNG\r\n\x1a\n", "502 media_unavailable", ""),
    ];
    let (addr, mut heads) = host(ROWS).await;
    let builder = Inspector::builder(RECEIVER).media_from(Reach::Loopback);
    let served = Served::with(builder).await;
    for (path, _, content, expected, content_type) in ROWS {
        let id = served.deliver(&completed(&format!("http://{addr}{path}")), Verdict::Accepted);
        let answer = served.get(&format!("/api/deliveries/{id}/media/0")).await;
        assert_eq!(answer.summary(), *expected, "{path}");
        let head = heads.recv().await.unwrap().to_ascii_lowercase();
        for name in ["cookie", "referer", "origin", "authorization"] {
            assert!(!head.contains(&format!("\r\n{name}:")), "{head}");
        }
        if *expected == "200" {
            assert_eq!(answer.header("content-type"), Some(*content_type), "{path}");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(answer.body, *content, "{path}");
        }
    }
}

#[tokio::test]
#[rustfmt::skip]
async fn only_public_addresses_of_verified_deliveries_are_asked() {
    let served = Served::start().await;
    for (url, verdict, expected) in [
        ("http://127.0.0.1:1/a.png", Verdict::Accepted, "403 address_not_public"),
        ("http://localhost:1/a.png", Verdict::Duplicate, "403 address_not_public"),
        ("https://169.254.169.254/latest", Verdict::Accepted, "403 address_not_public"),
        ("http://[::1]:1/a.png", Verdict::Accepted, "403 address_not_public"),
        ("http://10.0.0.1/a.png", Verdict::Accepted, "403 address_not_public"),
        ("http://user:password@1.1.1.1/a.png", Verdict::Accepted, "502 media_unavailable"),
        ("file:///etc/passwd", Verdict::Accepted, "502 media_unavailable"),
        ("/a.png", Verdict::Accepted, "502 media_unavailable"),
        ("http://127.0.0.1:1/a.png", Verdict::Rejected, "404 not_found"),
    ] {
        let id = served.deliver(&completed(url), verdict);
        let answer = served.get(&format!("/api/deliveries/{id}/media/0")).await;
        assert_eq!(answer.summary(), expected, "{url}");
        let answer = served.get(&format!("/api/deliveries/{id}/media/1")).await;
        assert_eq!(answer.summary(), "404 not_found", "{url}");
    }
}
